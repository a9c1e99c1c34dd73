using System.Text.RegularExpressions;

namespace Gantry.Build.Dockerfile.Lint;

/// <summary>Checks what can be seen in the instructions of a stage. BuildKit tells of it only for stages that the target needs.</summary>
/// <param name="stage">The stage.</param>
/// <param name="report">Takes what is found.</param>
internal sealed partial class StageLinter(BuildStage stage, LintReport report)
{
    /// <summary>Checks all of it.</summary>
    public void Check()
    {
        CheckCommands();
        foreach (var instruction in stage.Instructions)
            CheckInstruction(instruction);
    }

    private void CheckCommands()
    {
        var hasShell = stage.Instructions.Any(instruction => instruction is ShellInstruction);
        foreach (var instruction in stage.Instructions)
        {
            var command = instruction switch { CmdInstruction cmd => cmd.Command, EntrypointInstruction entrypoint => entrypoint.Command, _ => null };
            // Whoever names a shell means it.
            if (command is { IsShell: true } && !hasShell)
                report.Add(LintRules.JSONArgsRecommended,
                    $"JSON arguments recommended for {instruction.Name} to prevent unintended behavior related to OS signals", instruction.Range);
        }
        foreach (var name in new[] { "CMD", "ENTRYPOINT", "HEALTHCHECK" })
        {
            foreach (var instruction in stage.Instructions.Where(instruction => instruction.Name == name).SkipLast(1))
            {
                report.Add(
                    LintRules.MultipleInstructionsDisallowed,
                    $"Multiple {name} instructions should not be used in the same stage because only the last one will be used", instruction.Range);
            }
        }
    }

    private void CheckInstruction(Instruction instruction)
    {
        if (instruction is EnvInstruction { IsLegacy: true } or LabelInstruction { IsLegacy: true })
            report.Add(LintRules.LegacyKeyValueFormat,
                $"\"{instruction.Name} key=value\" should be used instead of legacy \"{instruction.Name} key value\" format", instruction.Range);
        switch (instruction)
        {
            case EnvInstruction env:
                CheckSecrets(env.Pairs.Select(pair => pair.Key), env);
                break;
            case ArgInstruction argument:
                CheckSecrets(argument.Arguments.Select(one => one.Name), argument);
                break;
            case ExposeInstruction expose:
                CheckPorts(expose);
                break;
        }
    }

    private void CheckSecrets(IEnumerable<string> names, Instruction instruction)
    {
        foreach (var name in names.Where(name => Secret().IsMatch(name) && !NoSecret().IsMatch(name)))
            report.Add(LintRules.SecretsUsedInArgOrEnv, $"Do not use ARG or ENV instructions for sensitive data ({instruction.Name} \"{name}\")",
                instruction.Range);
    }

    private void CheckPorts(ExposeInstruction expose)
    {
        foreach (var port in expose.Ports)
        {
            var slash = port.IndexOf('/', StringComparison.Ordinal);
            var protocol = slash < 0 ? "" : port[(slash + 1)..];
            if (protocol != protocol.ToLowerInvariant() && !protocol.Contains('$', StringComparison.Ordinal))
                report.Add(LintRules.ExposeProtoCasing, $"Defined protocol '{port}' in EXPOSE instruction should be lowercase", expose.Range);
            if ((slash < 0 ? port : port[..slash]).Contains(':', StringComparison.Ordinal) && !port.Contains('$', StringComparison.Ordinal))
                report.Add(LintRules.ExposeInvalidFormat, $"EXPOSE instruction should not define an IP address or host-port mapping, found '{port}'",
                    expose.Range);
        }
    }

    [GeneratedRegex("(?:^|_)(?:apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)(?:_|$)", RegexOptions.IgnoreCase)]
    private static partial Regex Secret();

    [GeneratedRegex("(?:^|_)(?:public)(?:_|$)", RegexOptions.IgnoreCase)]
    private static partial Regex NoSecret();
}
