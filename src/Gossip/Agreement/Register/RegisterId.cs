using System.Globalization;

namespace Gossip.Agreement;

/// <summary>One epoch of one register. Each message names it, and is void in any other.</summary>
/// <param name="Register">The list of founders while the register is being founded (epoch 0), its incarnation from then on.</param>
/// <param name="Epoch">The epoch.</param>
internal readonly record struct RegisterId(Guid Register, long Epoch)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Register:N}/{Epoch}");
}
