using System.Globalization;
using Orleans.Bench;
using Orleans.Bench.Silos;

using var ended = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    ended.Cancel();
};

const int DefaultKills = 10;
const int DefaultSilos = 30;
switch (args)
{
    case [SiloSettings.Argument, var settings]:
        return await SiloHost.RunAsync(settings);
    case ["deaths"]:
        return await Deaths.MeasureAsync(DefaultKills, ended.Token);
    case ["deaths", var kills] when int.TryParse(kills, CultureInfo.InvariantCulture, out var count) && count > 0:
        return await Deaths.MeasureAsync(count, ended.Token);
    case ["starts"]:
        return await Starts.MeasureAsync(DefaultSilos, ended.Token);
    case ["starts", var silos] when int.TryParse(silos, CultureInfo.InvariantCulture, out var count) && count > 0:
        return await Starts.MeasureAsync(count, ended.Token);
    default:
        await Console.Error.WriteLineAsync("""
            deaths [KILLS]   a silo's process is killed: until each other silo's view says that it is dead (number 16 of the targets)
            starts [SILOS]   silos that start at once in this process: until each believes that all are active (number 15)
            """);
        return 2;
}
