using System.Globalization;
using Gantry.Oci;
using Gantry.Oci.Values;

namespace Gantry.Engine.Logs;

/// <summary>Reads the values of log options.</summary>
internal static class LogValues
{
    /// <summary>A number of files.</summary>
    /// <exception cref="GantryException">It is none (InvalidArgument).</exception>
    public static int Count(string name, string value)
    {
        if (!int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count))
            throw GantryException.Invalid($"invalid {name} \"{value}\" in log options: a number from 1 on");
        return count >= 1 ? count : throw GantryException.Invalid($"{name} cannot be less than 1");
    }

    /// <summary>A size such as <c>10m</c>, in bytes.</summary>
    /// <exception cref="GantryException">It is none (InvalidArgument).</exception>
    public static long Size(string name, string text)
    {
        try
        {
            if (ByteSize.Parse(text) is > 0 and var size)
                return size;
        }
        catch (FormatException)
        {
            // Told below, as a size of nothing is.
        }
        throw GantryException.Invalid($"invalid {name} \"{text}\" in log options: a size such as 10m");
    }

    /// <summary>A time such as <c>36h</c>, <c>7d</c> or <c>1d12h</c>.</summary>
    /// <exception cref="GantryException">It is none, or less than a second (InvalidArgument).</exception>
    public static TimeSpan Age(string name, string text)
    {
        var (total, number, digits) = (TimeSpan.Zero, 0L, 0);
        foreach (var character in text)
        {
            if (char.IsAsciiDigit(character) && digits < 9)
            {
                (number, digits) = (number * 10 + (character - '0'), digits + 1);
                continue;
            }
            var unit = character switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, 'w' => 604_800, _ => 0 };
            if (unit == 0 || digits == 0)
                throw Malformed();
            total += TimeSpan.FromSeconds(number * unit);
            (number, digits) = (0, 0);
        }
        return digits == 0 && total >= TimeSpan.FromSeconds(1) && total <= TimeSpan.FromDays(36_500) ? total : throw Malformed();

        GantryException Malformed() => GantryException.Invalid($"invalid {name} \"{text}\" in log options: a time such as 36h or 7d");
    }

    /// <summary>True or false, in the forms that Go knows.</summary>
    /// <exception cref="GantryException">It is neither (InvalidArgument).</exception>
    public static bool Flag(string name, string value) =>
        GoBoolean.Parse(value) ?? throw GantryException.Invalid($"invalid {name} \"{value}\" in log options: true or false");
}
