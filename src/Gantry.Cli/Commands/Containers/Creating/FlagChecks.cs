using System.Net;

namespace Gantry.Cli.Commands.Containers.Creating;

/// <summary>The checks of texts that flags take, with docker's words for wrong ones.</summary>
internal static class FlagChecks
{
    /// <summary>A standard stream; any case is taken.</summary>
    public static string AttachedStream(string text) => text.ToLowerInvariant() is "stdin" or "stdout" or "stderr"
        ? text.ToLowerInvariant()
        : throw new FormatException("valid streams are STDIN, STDOUT and STDERR");

    /// <summary>A variable with or without value.</summary>
    public static string Environment(string text) => text.Length > 0 && text[0] != '='
        ? text
        : throw new FormatException($"invalid environment variable: {text}");

    /// <summary>A label with or without value.</summary>
    public static string Label(string text) => text.Length > 0 && text[0] != '='
        ? text
        : throw new FormatException($"invalid label '{text}': empty name");

    /// <summary>An IP address, in its canonical form.</summary>
    public static string IpAddress(string text) => IsIpAddress(text.Trim())
        ? IPAddress.Parse(text.Trim()).ToString()
        : throw new FormatException($"IP address is not correctly formatted: {text}");

    /// <summary>Whether a text is an IP address in full: .NET alone would also take <c>1.2.3</c>.</summary>
    public static bool IsIpAddress(string text) => IPAddress.TryParse(text, out _)
        && (text.Contains(':', StringComparison.Ordinal) || text.Count(static letter => letter == '.') == 3);

    /// <summary>A kernel parameter of a namespace, with its value.</summary>
    public static string Sysctl(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? "" : text[..equals];
        return name is "kernel.msgmax" or "kernel.msgmnb" or "kernel.msgmni" or "kernel.sem" or "kernel.shmall" or "kernel.shmmax" or "kernel.shmmni"
            or "kernel.shm_rmid_forced"
            || name.StartsWith("net.", StringComparison.Ordinal) || name.StartsWith("fs.mqueue.", StringComparison.Ordinal)
            ? text
            : throw new FormatException($"sysctl '{text}' is not allowed");
    }

    /// <summary>A domain, or <c>.</c> for none.</summary>
    public static string SearchDomain(string text)
    {
        var domain = text.Trim(' ');
        if (domain == ".")
            return domain;
        var valid = domain.Length is > 0 and < 255 && domain.Any(char.IsAsciiLetter) && domain.TrimEnd('.').Split('.').All(IsDomainLabel);
        return valid ? domain : throw new FormatException($"{text} is not a valid domain");
    }

    /// <summary>A name and an address for /etc/hosts, with a colon or a sign of equality between; the result has a colon.</summary>
    public static string ExtraHost(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var separator = equals >= 0 ? equals : text.IndexOf(':', StringComparison.Ordinal);
        if (separator <= 0)
            throw new FormatException($"bad format for add-host: \"{text}\"");
        var address = text[(separator + 1)..];
        if (address.Length > 2 && address[0] == '[' && address[^1] == ']')
            address = address[1..^1];
        if (address != "host-gateway" && !IsIpAddress(address))
            throw new FormatException($"invalid IP address in add-host: \"{address}\"");
        return $"{text[..separator]}:{address}";
    }

    /// <summary>A container and the name it gets, <c>container[:alias]</c>.</summary>
    public static string Link(string text)
    {
        var parts = text.Split(':');
        if (text.Length == 0)
            throw new FormatException("empty string specified for links");
        return parts.Length > 2 ? throw new FormatException("bad format for links: " + text) : text;
    }

    private static bool IsDomainLabel(string label) =>
        label.Length is > 0 and < 64 && label.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_') && label[0] != '-'
            && label[^1] != '-';
}
