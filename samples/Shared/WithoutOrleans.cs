// This is what samples and measurements of Orleans are where the package feed lacks Orleans: they compile, say so, and fail.

const int NeedsOrleans = 3; // like no other exit code of these programs

Console.Error.WriteLine(
    "This program needs the Microsoft.Orleans packages (Microsoft.Orleans.Server), and the package feed that it was built from lacks them. Restore and build it where they are.");
return NeedsOrleans;
