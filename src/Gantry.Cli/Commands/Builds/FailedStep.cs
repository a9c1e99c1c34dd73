using System.Diagnostics;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Builds;

/// <summary>Shows the files of a step that failed: <c>build --debug</c>.</summary>
internal static class FailedStep
{
    /// <summary>Opens a shell in a container of the image, if there is a terminal; otherwise tells how to.</summary>
    public static void Show(CommandSession session, string image)
    {
        session.PrintError($"the files of the failed step are the image {image}");
        string[] run = ["run", "--rm", "-it", "--entrypoint", "sh", image];
        if (session.Context.Terminal.ErrorSize is null || Environment.ProcessPath is not { } program)
        {
            session.PrintError($"look at them with: gantry {string.Join(' ', run)}");
            return;
        }
        session.PrintError("a shell in them follows; its end is the end of the build");
        var start = new ProcessStartInfo(program);
        foreach (var word in (string[])["-H", session.Client.Address.Text, .. run])
            start.ArgumentList.Add(word);
        using var shell = Process.Start(start);
        shell?.WaitForExit();
    }
}
