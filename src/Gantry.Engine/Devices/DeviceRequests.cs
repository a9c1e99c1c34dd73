using Gantry.Api.Model;
using Gantry.Oci;

namespace Gantry.Engine.Devices;

/// <summary>What containers ask for by name: devices that vendors describe, and graphics processors (<c>--gpus</c>), which are such devices.</summary>
/// <param name="devices">Those that are described.</param>
internal sealed class DeviceRequests(CdiDevices devices)
{
    private const string Gpu = "gpu", All = "all";
    private const int Every = -1;

    /// <summary>What a container gets.</summary>
    /// <exception cref="GantryException">There is no such device (InvalidArgument), or its description asks for what is not done (NotImplemented).</exception>
    public DeviceEdits Resolve(HostConfig host)
    {
        if (host.DeviceRequests is not { Count: > 0 } requests)
            return DeviceEdits.None;
        return devices.Inject([.. requests.SelectMany(Names).Distinct()]);
    }

    private IReadOnlyList<string> Names(DeviceRequest request)
    {
        if (request.Driver == "cdi")
            return request.DeviceIDs ?? [];
        if (request.Driver is "" or "nvidia" && (request.Capabilities ?? []).Any(static set => set.Contains(Gpu)) && Kind(request.Driver) is var (kind, known))
            return [.. Chosen(request, known).Select(name => $"{kind}={name}")];
        var capabilities = string.Join(' ', (request.Capabilities ?? []).Select(one => $"[{string.Join(' ', one)}]"));
        throw GantryException.Invalid($"could not select device driver \"{request.Driver}\" with capabilities: [{capabilities}]");
    }

    private (string Kind, IReadOnlyList<string> Devices)? Kind(string driver)
    {
        var kinds = devices.OfClass(Gpu).Where(kind => driver.Length == 0 || kind.Key.StartsWith(driver + ".", StringComparison.Ordinal))
            .OrderBy(static kind => kind.Key, StringComparer.Ordinal).ToList();
        return kinds.Count == 0 ? null : (kinds[0].Key, kinds[0].Value);
    }

    private static IEnumerable<string> Chosen(DeviceRequest request, IReadOnlyList<string> known)
    {
        if (request.DeviceIDs is { Count: > 0 } ids)
            return ids;
        if (request.Count == Every)
            return known.Contains(All) ? [All] : known;
        // Those with a number are one processor each; others are names of the same, or of parts.
        var numbered = known.Where(static name => int.TryParse(name, out _)).OrderBy(int.Parse).ToList();
        return numbered.Count >= request.Count
            ? numbered.Take(request.Count)
            : throw GantryException.Invalid($"{request.Count} GPUs were asked for, and {numbered.Count} are described");
    }
}
