namespace Gantry.Build.Dockerfile.Lint;

/// <summary>
/// Checks what can be seen in a Dockerfile alone, whatever its target. What depends on values of variables and on images is found while it is compiled.
/// </summary>
/// <param name="document">The file.</param>
/// <param name="report">Takes what is found.</param>
internal sealed class DocumentLinter(DockerfileDocument document, LintReport report)
{
    private static readonly string[] s_reserved = ["scratch", "context"];

    /// <summary>Checks all of it.</summary>
    public void Check()
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var stage in document.Stages)
            CheckFrom(stage.From, names);
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

    private void CheckInstruction(Instruction instruction)
    {
        if (instruction.HasEmptyContinuation)
            report.Add(LintRules.NoEmptyContinuation, "Empty continuation line", instruction.Range);
        switch (instruction)
        {
            case MaintainerInstruction:
                report.Add(LintRules.MaintainerDeprecated, "Maintainer instruction is deprecated in favor of using label", instruction.Range);
                break;
            case ArgInstruction argument:
                CheckDescription("ARG", argument.Arguments.Select(one => one.Name).ToList(), argument);
                break;
            case FromInstruction { Alias: { } alias } from:
                CheckDescription("FROM", [alias], from);
                break;
        }
    }

    private void CheckDescription(string name, List<string> defined, Instruction instruction)
    {
        if (instruction.Comments.Count == 0 || defined.Exists(one => instruction.Comments[^1].Split(' ')[0] == one))
            return;
        report.Add(LintRules.InvalidDefinitionDescription, $"Comment for {name} should follow the format: `# {defined[0]} <description>`", instruction.Range);
    }
}
