using System.Globalization;
using Gantry.Oci;
using Gantry.Oci.Filters;
using Gantry.Oci.Images;

namespace Gantry.Images.Import;

/// <summary>The arguments of <c>HEALTHCHECK</c>: <c>NONE</c>, or options and <c>CMD</c> with a command.</summary>
internal static class HealthcheckInstruction
{
    private const long Millisecond = 1_000_000;

    internal static ImageHealthcheck Parse(string arguments)
    {
        var check = new ImageHealthcheck();
        var rest = arguments;
        while (rest.StartsWith("--", StringComparison.Ordinal))
        {
            var parts = rest.Split([' ', '\t'], 2, StringSplitOptions.TrimEntries);
            SetOption(check, parts[0]);
            rest = parts.Length > 1 ? parts[1] : "";
        }
        var kind = rest.Split([' ', '\t'], 2, StringSplitOptions.TrimEntries);
        switch (kind[0].ToUpperInvariant())
        {
            case "NONE" when kind.Length > 1:
                throw GantryException.Invalid("HEALTHCHECK NONE takes no arguments");
            case "NONE":
                check.Test = ["NONE"];
                return check;
            case "CMD" when kind.Length > 1 && kind[1].Length > 0:
                check.Test = Words.Json(kind[1]) is { } exec ? ["CMD", .. exec] : ["CMD-SHELL", kind[1]];
                return check;
            case "CMD":
                throw GantryException.Invalid("Missing command after HEALTHCHECK CMD");
            default:
                throw GantryException.Invalid($"Unknown type \"{kind[0].ToUpperInvariant()}\" in HEALTHCHECK (try CMD)");
        }
    }

    private static void SetOption(ImageHealthcheck check, string option)
    {
        var equals = option.IndexOf('=');
        var name = equals < 0 ? option[2..] : option[2..equals];
        var value = equals < 0 ? "" : option[(equals + 1)..];
        switch (name)
        {
            case "interval":
                check.Interval = Duration(name, value);
                break;
            case "timeout":
                check.Timeout = Duration(name, value);
                break;
            case "start-period":
                check.StartPeriod = Duration(name, value);
                break;
            case "start-interval":
                check.StartInterval = Duration(name, value);
                break;
            case "retries":
                if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var retries) || retries < 1)
                    throw GantryException.Invalid($"--retries must be at least 1 (not {value})");
                check.Retries = retries;
                break;
            default:
                throw GantryException.Invalid($"unknown flag: {name}");
        }
    }

    private static long Duration(string name, string value)
    {
        if (!FilterTime.TryParseNanoseconds(value, out var nanoseconds))
            throw GantryException.Invalid($"invalid duration \"{value}\" of --{name}");
        return nanoseconds >= Millisecond ? nanoseconds : throw GantryException.Invalid($"Interval \"{name}\" cannot be less than 1ms");
    }
}
