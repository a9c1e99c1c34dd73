using System.Globalization;
using Gantry.Api.Model;

namespace Gantry.Cli.Commands.Containers.Creating;

/// <summary>The values of <c>--gpus</c>: <c>all</c>, a number, or fields such as <c>count=2,capabilities=utility</c> or <c>"device=0,1"</c>.</summary>
internal static class GpuParser
{
    private const int All = -1;

    /// <summary>Reads a value.</summary>
    /// <exception cref="FormatException">It is malformed.</exception>
    public static DeviceRequest Parse(string text)
    {
        var request = new DeviceRequest();
        var given = new HashSet<string>(StringComparer.Ordinal);
        var capabilities = new List<string> { "gpu" };
        foreach (var field in CsvFields.Split(text))
        {
            var equals = field.IndexOf('=', StringComparison.Ordinal);
            var (key, value) = equals < 0 ? ("count", field) : (field[..equals], field[(equals + 1)..]);
            if (!given.Add(key))
                throw new FormatException($"gpu request key '{key}' can be specified only once");
            switch (key)
            {
                case "driver":
                    request.Driver = value;
                    break;
                case "count":
                    request.Count = Count(value);
                    break;
                case "device":
                    request.DeviceIDs = value.Split(',');
                    break;
                case "capabilities":
                    capabilities.AddRange(value.Split(',').Where(static name => name != "gpu"));
                    break;
                case "options":
                    request.Options = CsvFields.Split(value).Select(static option => option.Split('=', 2))
                        .ToDictionary(static pair => pair[0], static pair => pair.Length > 1 ? pair[1] : "");
                    break;
                default:
                    throw new FormatException($"unexpected key '{key}' in '{field}'");
            }
        }
        if (!given.Contains("count") && request.DeviceIDs is null)
            request.Count = 1;
        request.Capabilities = [capabilities];
        request.Options ??= new Dictionary<string, string>();
        return request;
    }

    private static int Count(string text) =>
        text == "all" ? All
        : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) ? count
        : throw new FormatException($"invalid count ({text}): value must be either \"all\" or an integer: invalid syntax");
}
