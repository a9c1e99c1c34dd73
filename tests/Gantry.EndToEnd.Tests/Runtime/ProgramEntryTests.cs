using System.Globalization;
using System.Text.RegularExpressions;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Runtime;

/// <summary>
/// How the published runtime starts: what has it executed from a read-only mount comes before .NET (what that is for:
/// <see cref="Security.HostProgramTests"/>), what takes the place of functions of C may run in the middle of a collection, and it may be a
/// static program.
/// </summary>
public sealed partial class ProgramEntryTests
{
    private static readonly Lazy<IReadOnlyList<Symbol>> s_symbols = new(ReadSymbols);

    [Fact]
    public void The_C_library_calls_the_entry_in_place_of_the_runtimes_main() =>
        Assert.Single(s_symbols.Value, symbol => symbol.Name == "__wrap_main");

    /// <summary>A poll for the collector would wait for the end of the collection that the caller is part of.</summary>
    [Theory]
    [InlineData("__wrap_main", "syscall")]
    [InlineData("__wrap_fopen64", "fopen")]
    [InlineData("__wrap_pthread_getattr_np", "pthread_getattr_np")]
    [InlineData("__wrap_RhAllocateNewObject", "RhAllocateNewObject")]
    public void What_takes_the_place_of_a_function_calls_nothing_of_the_runtime_but_that(string name, string function)
    {
        var called = Called(Assert.Single(s_symbols.Value, symbol => symbol.Name == name), []);
        Assert.Contains(called, callee => callee.Contains(function, StringComparison.Ordinal));
        Assert.DoesNotContain(called, callee => Runtime().IsMatch(callee) && callee != function);
    }

    /// <summary>
    /// A static program can load no OpenSSL. System.Text.Json brings a little of it, to seed the hash of names where duplicates are refused,
    /// which nothing here asks for.
    /// </summary>
    [Fact]
    public void Nothing_in_it_needs_a_library_for_cryptography() =>
        Assert.DoesNotContain(s_symbols.Value, symbol => Cryptography().IsMatch(symbol.Name));

    /// <summary>The names of what a function calls, by way of others of the same folder too.</summary>
    private static HashSet<string> Called(Symbol caller, HashSet<ulong> seen)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (!seen.Add(caller.Start))
            return names;
        var code = Command.Run(["objdump", "-d", "--no-show-raw-insn", $"--start-address=0x{caller.Start:x}",
            $"--stop-address=0x{caller.Start + caller.Size:x}", TestEnvironment.GantryRuntime]).Lines;
        foreach (var call in code.Select(line => Target().Match(line)).Where(match => match.Success))
        {
            var address = ulong.Parse(call.Groups[1].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            foreach (var callee in s_symbols.Value.Where(symbol => symbol.Start == address))
            {
                names.Add(callee.Name);
                if (callee.Name.Contains("Gantry_Os_Starting", StringComparison.Ordinal))
                    names.UnionWith(Called(callee, seen));
            }
        }
        return names;
    }

    private static List<Symbol> ReadSymbols() =>
        [.. Command.Run(["nm", "-S", TestEnvironment.GantryRuntime + ".dbg"]).Lines.Select(line => line.Split(' ')).Where(words => words.Length == 4)
            .Select(words =>
                new Symbol(ulong.Parse(words[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                    ulong.Parse(words[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture), words[3]))];

    private sealed record Symbol(ulong Start, ulong Size, string Name);

    [GeneratedRegex(@"\t(?:call|jmp) +(?:0x)?([0-9a-f]+)\b")]
    private static partial Regex Target();

    [GeneratedRegex("^Rhp?[A-Z](?!.*FailFast)")]
    private static partial Regex Runtime();

    [GeneratedRegex("^CryptoNative_(?!EnsureOpenSslInitialized|Err|GetMaxMdSize|GetRandomBytes)|RandomNumberGenerator__Fill")]
    private static partial Regex Cryptography();
}
