using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Engine;

namespace Gantry.Settings;

/// <summary>The flags for what containers have that do not say otherwise.</summary>
internal sealed class DefaultFlags(FlagSet flags)
{
    private readonly ValueFlag<string> _driver = flags.String("log-driver", "Logging driver of containers that name none", "json-file");
    private readonly MapFlag _options = flags.Map("log-opt", '\0', "Option of that logging driver");
    private readonly ValueFlag<long> _shm = flags.Bytes("default-shm-size", '\0', "Size of /dev/shm (default 64MiB)");
    private readonly ListFlag<Ulimit> _ulimits = flags.Add(new ListFlag<Ulimit>("default-ulimit", '\0', "ulimit", "Resource limit of containers", ParseUlimit));
    private readonly BoolFlag _noNewPrivileges = flags.Bool("no-new-privileges", "Let no process of a container gain privileges");
    private readonly ListFlag<string> _dns = flags.List("dns", "Name server of containers");
    private readonly ListFlag<string> _dnsOptions = flags.List("dns-opt", "Option of containers' resolvers");
    private readonly ListFlag<string> _dnsSearch = flags.List("dns-search", "Domain in which containers look for names");

    /// <summary>What they say.</summary>
    public ContainerDefaults Read() => new()
    {
        Log = new LogConfig { Type = _driver.Value, Config = _options.Values },
        ShmBytes = _shm.Value > 0 ? _shm.Value : new ContainerDefaults().ShmBytes,
        Ulimits = _ulimits.Values,
        NoNewPrivileges = _noNewPrivileges.Value,
        Dns = _dns.Values,
        DnsOptions = _dnsOptions.Values,
        DnsSearch = _dnsSearch.Values,
    };

    private static Ulimit ParseUlimit(string text)
    {
        var (name, limits) = text.Split('=', 2) is [var first, var rest] ? (first, rest.Split(':')) : throw new FormatException($"invalid ulimit argument: {text}");
        if (limits.Length > 2 || !long.TryParse(limits[0], out var soft) || !long.TryParse(limits[^1].Length > 0 ? limits[^1] : limits[0], out var hard))
            throw new FormatException($"invalid ulimit argument: {text}");
        return new Ulimit { Name = name, Soft = soft, Hard = hard };
    }
}
