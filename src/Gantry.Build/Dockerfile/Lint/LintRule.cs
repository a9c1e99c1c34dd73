using System.Text;

namespace Gantry.Build.Dockerfile.Lint;

/// <summary>A rule of docker's build checks.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it is about.</param>
/// <param name="IsExperimental">Whether it is only checked when it is asked for.</param>
public sealed record LintRule(string Name, string Description, bool IsExperimental = false)
{
    /// <summary>Where docker explains it.</summary>
    public string Url
    {
        get
        {
            var path = new StringBuilder();
            for (var i = 0; i < Name.Length; i++)
            {
                var startsWord = char.IsAsciiLetterUpper(Name[i]) && i > 0
                    && (char.IsAsciiLetterLower(Name[i - 1]) || (i + 1 < Name.Length && char.IsAsciiLetterLower(Name[i + 1])));
                path.Append(startsWord ? "-" : "").Append(char.ToLowerInvariant(Name[i]));
            }
            return $"https://docs.docker.com/go/dockerfile/rule/{path}/";
        }
    }
}

/// <summary>Docker's rules, by the names and descriptions of its reference.</summary>
public static class LintRules
{
    internal static readonly LintRule StageNameCasing = new(nameof(StageNameCasing), "Stage names should be lowercase");
    internal static readonly LintRule FromAsCasing = new(nameof(FromAsCasing), "The 'as' keyword should match the case of the 'from' keyword");
    internal static readonly LintRule NoEmptyContinuation = new(nameof(NoEmptyContinuation), "Empty continuation lines will become errors in a future release");
    internal static readonly LintRule ConsistentInstructionCasing = new(
        nameof(ConsistentInstructionCasing), "All commands within the Dockerfile should use the same casing (either upper or lower)");
    internal static readonly LintRule DuplicateStageName = new(nameof(DuplicateStageName), "Stage names should be unique");
    internal static readonly LintRule ReservedStageName = new(nameof(ReservedStageName), "Reserved words should not be used as stage names");
    internal static readonly LintRule JSONArgsRecommended = new(
        nameof(JSONArgsRecommended), "JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals");
    internal static readonly LintRule MaintainerDeprecated = new(
        nameof(MaintainerDeprecated), "The MAINTAINER instruction is deprecated, use a label instead to define an image author");
    internal static readonly LintRule UndefinedArgInFrom = new(nameof(UndefinedArgInFrom), "FROM command must use declared ARGs");
    internal static readonly LintRule WorkdirRelativePath = new(nameof(WorkdirRelativePath),
        "Relative workdir without an absolute workdir declared within the build can have unexpected results if the base image changes");
    internal static readonly LintRule UndefinedVar = new(nameof(UndefinedVar), "Variables should be defined before their use");
    internal static readonly LintRule MultipleInstructionsDisallowed = new(
        nameof(MultipleInstructionsDisallowed), "Multiple instructions of the same type should not be used in the same stage");
    internal static readonly LintRule LegacyKeyValueFormat = new(
        nameof(LegacyKeyValueFormat), "Legacy key/value format with whitespace separator should not be used");
    internal static readonly LintRule InvalidBaseImagePlatform = new(
        nameof(InvalidBaseImagePlatform), "Base image platform does not match expected target platform");
    internal static readonly LintRule RedundantTargetPlatform = new(
        nameof(RedundantTargetPlatform), "Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior");
    internal static readonly LintRule SecretsUsedInArgOrEnv = new(
        nameof(SecretsUsedInArgOrEnv), "Sensitive data should not be used in the ARG or ENV commands");
    internal static readonly LintRule InvalidDefaultArgInFrom = new(
        nameof(InvalidDefaultArgInFrom), "Default value for global ARG results in an empty or invalid base image name");
    internal static readonly LintRule FromPlatformFlagConstDisallowed = new(
        nameof(FromPlatformFlagConstDisallowed), "FROM --platform flag should not use a constant value");
    internal static readonly LintRule CopyIgnoredFile = new(
        nameof(CopyIgnoredFile), "Attempting to Copy file that is excluded by .dockerignore", IsExperimental: true);
    internal static readonly LintRule InvalidDefinitionDescription = new(
        nameof(InvalidDefinitionDescription),
        "Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`. If this is not intended to be a description comment, add an empty line or comment between the instruction and the comment.",
        IsExperimental: true);
    internal static readonly LintRule ExposeProtoCasing = new(nameof(ExposeProtoCasing), "Protocol in EXPOSE instruction should be lowercase");
    internal static readonly LintRule ExposeInvalidFormat = new(nameof(ExposeInvalidFormat),
        "IP address and host-port mapping should not be used in EXPOSE instruction. This will become an error in a future release");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<LintRule> All { get; } =
    [
        StageNameCasing, FromAsCasing, NoEmptyContinuation, ConsistentInstructionCasing, DuplicateStageName, ReservedStageName, JSONArgsRecommended,
        MaintainerDeprecated, UndefinedArgInFrom, WorkdirRelativePath, UndefinedVar, MultipleInstructionsDisallowed, LegacyKeyValueFormat,
        InvalidBaseImagePlatform, RedundantTargetPlatform, SecretsUsedInArgOrEnv, InvalidDefaultArgInFrom, FromPlatformFlagConstDisallowed, CopyIgnoredFile,
        InvalidDefinitionDescription, ExposeProtoCasing, ExposeInvalidFormat,
    ];
}

/// <summary>Something that a rule found.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Message">What it found.</param>
/// <param name="Range">Where.</param>
public sealed record LintWarning(LintRule Rule, string Message, SourceRange Range)
{
    /// <summary>It in one line.</summary>
    public string Short => $"{Rule.Name}: {Message} (line {Range.First})";
}
