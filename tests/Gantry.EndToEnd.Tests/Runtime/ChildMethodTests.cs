using System.Globalization;
using System.Text.RegularExpressions;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Runtime;

/// <summary>
/// The machine code of the method that a cloned child runs, in its parent's memory. A call into the runtime there (a poll for the garbage
/// collector, a check of bounds, a cookie on the stack) could hang the child or end the parent, once in a thousand times.
/// </summary>
public sealed partial class ChildMethodTests
{
    private const string Method = "ChildProcess__Run";

    [Fact]
    public void It_calls_nothing_but_the_pointer_that_it_is_given()
    {
        // 1. Where it is: the symbols are in a file of their own.
        var symbol = Assert.Single(Command.Run(["nm", "-S", TestEnvironment.GantryRuntime + ".dbg"]).Lines, line =>
            line.EndsWith("_" + Method, StringComparison.Ordinal) && line.Contains(" t ", StringComparison.OrdinalIgnoreCase));
        var words = symbol.Split(' ');
        var start = ulong.Parse(words[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var end = start + ulong.Parse(words[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);

        // 2. Its instructions that go elsewhere.
        var code = Command.Run(
            ["objdump", "-d", "--no-show-raw-insn", $"--start-address=0x{start:x}", $"--stop-address=0x{end:x}", TestEnvironment.GantryRuntime]).Lines;
        var calls = code.Where(line => line.Contains("\tcall", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(calls);
        Assert.All(calls, line => Assert.Matches(ThroughRegister(), line));
        Assert.Single(calls.Select(line => Register().Match(line).Value).Distinct());
        Assert.All(code.Select(line => Jump().Match(line)).Where(jump => jump.Success),
            jump => Assert.InRange(ulong.Parse(jump.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture), start, end - 1));

        // 3. Nor does it look at anything that the runtime may move or not have made yet: no address relative to the code, none of a thread.
        Assert.DoesNotContain(code, line => line.Contains("(%rip)", StringComparison.Ordinal) || line.Contains("%fs:", StringComparison.Ordinal));
    }

    // Of a managed pointer the compiler calls either what it points to, or what a descriptor says (-2); both through the same register.
    [GeneratedRegex(@"\tcall +\*(-0x2\()?%r\w+\)?\s*$")]
    private static partial Regex ThroughRegister();

    [GeneratedRegex(@"%r\w+")]
    private static partial Regex Register();

    [GeneratedRegex(@"\tj\w+ +(?:0x)?([0-9a-f]+)")]
    private static partial Regex Jump();
}
