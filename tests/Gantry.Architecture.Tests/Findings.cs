namespace Gantry.Architecture.Tests;

/// <summary>What breaks a rule: all of it is shown, since whoever broke it wants to mend it in one go.</summary>
internal static class Findings
{
    public static void None(IEnumerable<string> findings)
    {
        var all = findings.ToList();
        Assert.True(all.Count == 0, "\n" + string.Join("\n", all));
    }
}
