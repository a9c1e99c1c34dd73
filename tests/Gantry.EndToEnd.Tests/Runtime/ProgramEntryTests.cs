using System.Text.RegularExpressions;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Runtime;

/// <summary>
/// How the published runtime starts: what has it executed from a read-only mount comes before .NET (what that is for:
/// <see cref="Security.HostProgramTests"/>), and it may be a static program.
/// </summary>
public sealed partial class ProgramEntryTests
{
    [Fact]
    public void The_C_library_calls_the_entry_in_place_of_the_runtimes_main() =>
        Assert.Single(Command.Run(["nm", TestEnvironment.GantryRuntime + ".dbg"]).Lines, line => line.EndsWith(" __wrap_main", StringComparison.Ordinal));

    /// <summary>
    /// A static program can load no OpenSSL. System.Text.Json brings a little of it, to seed the hash of names where duplicates are refused,
    /// which nothing here asks for.
    /// </summary>
    [Fact]
    public void Nothing_in_it_needs_a_library_for_cryptography() =>
        Assert.DoesNotContain(Command.Run(["nm", TestEnvironment.GantryRuntime + ".dbg"]).Lines, line => Cryptography().IsMatch(line));

    [GeneratedRegex(@" CryptoNative_(?!EnsureOpenSslInitialized|Err|GetMaxMdSize|GetRandomBytes)|RandomNumberGenerator__Fill")]
    private static partial Regex Cryptography();
}
