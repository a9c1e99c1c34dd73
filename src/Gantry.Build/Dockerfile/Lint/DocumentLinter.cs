using System.Text.RegularExpressions;

namespace Gantry.Build.Dockerfile.Lint;

/// <summary>Checks what can be seen in a Dockerfile alone. What depends on values of variables and on images is found while it is compiled.</summary>
/// <param name="document">The file.</param>
/// <param name="report">Takes what is found.</param>
internal sealed partial class DocumentLinter(DockerfileDocument document, LintReport report)
{
    private static readonly string[] s_reserved = ["scratch", "context"];

    /// <summary>Checks all of it.</summary>
    public void Check()
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var stage in document.Stages)
        {
            CheckFrom(stage.From, names);
            CheckStage(stage);
        }
        foreach (var instruction in All())
            CheckInstruction(instruction);
        CheckCasing();
    }

    private IEnumerable<Instruction> All() => document.GlobalArguments.Concat(document.Stages.SelectMany(stage => stage.Instructions.Prepend(stage.From)))
        .OrderBy(instruction => instruction.Range.First);

    private void CheckCasing()
    {
        var all = All().ToList();
        var lower = all.Count(instruction => instruction.WrittenName == instruction.Name.ToLowerInvariant());
        var upper = all.Count(instruction => instruction.WrittenName == instruction.Name);
        var isLower = lower > upper;
        foreach (var instruction in all.Where(instruction => instruction.WrittenName != (isLower ? instruction.Name.ToLowerInvariant() : instruction.Name)))
        {
            report.Add(
                LintRules.ConsistentInstructionCasing,
                $"Command '{instruction.WrittenName}' should match the case of the command majority ({(isLower ? "lowercase" : "uppercase")})",
                instruction.Range);
        }
    }

    private void CheckFrom(FromInstruction from, HashSet<string> names)
    {
        if (from.Platform is { } platform)
            CheckPlatform(platform, from);
        if (from.Alias is not { } alias)
            return;
        var written = from.Text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[^1];
        if (written != written.ToLowerInvariant())
            report.Add(LintRules.StageNameCasing, $"Stage name '{written}' should be lowercase", from.Range);
        var isUpper = from.WrittenName == "FROM";
        if (from.AsKeyword is { } word && (isUpper || from.WrittenName == "from") && word != (isUpper ? "AS" : "as"))
            report.Add(LintRules.FromAsCasing, $"'{word}' and '{from.WrittenName}' keywords' casing do not match", from.Range);
        if (s_reserved.Contains(alias))
            report.Add(LintRules.ReservedStageName, $"Stage name should not use the same name as reserved stage \"{alias}\"", from.Range);
        if (!names.Add(alias))
            report.Add(LintRules.DuplicateStageName, $"Duplicate stage name \"{alias}\", stage names should be unique", from.Range);
    }

    private void CheckPlatform(string platform, FromInstruction from)
    {
        if (platform is "$TARGETPLATFORM" or "${TARGETPLATFORM}")
            report.Add(LintRules.RedundantTargetPlatform, $"Setting platform to predefined {platform} in FROM is redundant as this is the default behavior",
                from.Range);
        else if (!platform.Contains('$', StringComparison.Ordinal))
        {
            // A stage whose name says the platform is meant to have it, when others choose between such stages.
            var isOneOfSome = from.Alias is { } alias && document.Stages.Any(stage => stage.From.Image.Contains('$', StringComparison.Ordinal))
                && alias.Contains('-', StringComparison.Ordinal);
            if (!isOneOfSome)
                report.Add(LintRules.FromPlatformFlagConstDisallowed, $"FROM --platform flag should not use constant value \"{platform}\"", from.Range);
        }
    }

    private void CheckStage(BuildStage stage)
    {
        foreach (var name in new[] { "CMD", "ENTRYPOINT", "HEALTHCHECK" })
        {
            foreach (var instruction in stage.Instructions.Where(instruction => instruction.Name == name).SkipLast(1))
            {
                report.Add(
                    LintRules.MultipleInstructionsDisallowed,
                    $"Multiple {name} instructions should not be used in the same stage because only the last one will be used", instruction.Range);
            }
        }
        var hasShell = stage.Instructions.Any(instruction => instruction is ShellInstruction);
        foreach (var instruction in stage.Instructions)
        {
            var command = instruction switch { CmdInstruction cmd => cmd.Command, EntrypointInstruction entrypoint => entrypoint.Command, _ => null };
            // Whoever names a shell means it.
            if (command is { IsShell: true } && !hasShell)
                report.Add(LintRules.JSONArgsRecommended,
                    $"JSON arguments recommended for {instruction.Name} to prevent unintended behavior related to OS signals", instruction.Range);
        }
    }

    private void CheckInstruction(Instruction instruction)
    {
        if (instruction.HasEmptyContinuation)
            report.Add(LintRules.NoEmptyContinuation, "Empty continuation line", instruction.Range);
        switch (instruction)
        {
            case MaintainerInstruction:
                report.Add(LintRules.MaintainerDeprecated, "Maintainer instruction is deprecated in favor of using label", instruction.Range);
                break;
            case EnvInstruction { IsLegacy: true } or LabelInstruction { IsLegacy: true }:
                report.Add(LintRules.LegacyKeyValueFormat,
                    $"\"{instruction.Name} key=value\" should be used instead of legacy \"{instruction.Name} key value\" format", instruction.Range);
                break;
        }
        switch (instruction)
        {
            case EnvInstruction env:
                CheckSecrets(env.Pairs.Select(pair => pair.Key), env);
                break;
            case ArgInstruction argument:
                CheckSecrets(argument.Arguments.Select(one => one.Name), argument);
                CheckDescription("ARG", argument.Arguments.Select(one => one.Name).ToList(), argument);
                break;
            case FromInstruction { Alias: { } alias } from:
                CheckDescription("FROM", [alias], from);
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

    private void CheckDescription(string name, List<string> defined, Instruction instruction)
    {
        if (instruction.Comments.Count == 0 || defined.Exists(one => instruction.Comments[^1].Split(' ')[0] == one))
            return;
        report.Add(LintRules.InvalidDefinitionDescription, $"Comment for {name} should follow the format: `# {defined[0]} <description>`", instruction.Range);
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
