using System.Globalization;
using Gantry.Api.Model;

namespace Gantry.Cli.Commands.Containers.Creating;

/// <summary>The value of <c>--restart</c>: a policy, and for <c>on-failure</c> how many times.</summary>
internal static class RestartPolicyParser
{
    /// <summary>Reads a policy; the daemon knows which there are.</summary>
    /// <exception cref="CommandException">It is malformed.</exception>
    public static RestartPolicy Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            return new RestartPolicy { Name = text };
        if (colon == 0)
            throw new CommandException("invalid restart policy format: no policy provided before colon");
        return int.TryParse(text.AsSpan(colon + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count)
            ? new RestartPolicy { Name = text[..colon], MaximumRetryCount = count }
            : throw new CommandException("invalid restart policy format: maximum retry count must be an integer");
    }
}
