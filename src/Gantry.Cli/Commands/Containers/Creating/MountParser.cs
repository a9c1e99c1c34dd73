using System.Globalization;
using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Oci.Values;

namespace Gantry.Cli.Commands.Containers.Creating;

/// <summary>The value of <c>--mount</c>: fields such as <c>type=bind,source=/host,target=/inside,readonly</c>.</summary>
internal sealed class MountParser
{
    private readonly Mount _mount = new() { Type = "volume" };
    private readonly Dictionary<string, string> _labels = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _driverOptions = new(StringComparer.Ordinal);

    /// <summary>Reads a mount.</summary>
    /// <exception cref="FormatException">A field is unknown, wrong, or does not fit the type.</exception>
    public static Mount Parse(string text)
    {
        if (text.Trim().Length == 0)
            throw new FormatException("value is empty");
        var parser = new MountParser();
        foreach (var field in CsvFields.Split(text))
            parser.Take(field);
        return parser.Finish();
    }

    private BindOptions Bind => _mount.BindOptions ??= new BindOptions();

    // Docker's client names the driver's configuration whenever there is any option of a volume.
    private VolumeOptions Volume => _mount.VolumeOptions ??= new VolumeOptions { DriverConfig = new VolumeDriverConfig() };

    private TmpfsOptions Tmpfs => _mount.TmpfsOptions ??= new TmpfsOptions();

    private void Take(string field)
    {
        var equals = field.IndexOf('=', StringComparison.Ordinal);
        var key = (equals < 0 ? field : field[..equals]).ToLowerInvariant();
        if (equals < 0 && key is not ("readonly" or "ro" or "volume-nocopy" or "bind-nonrecursive" or "bind-create-src" or "bind-idmap"))
            throw new FormatException($"invalid field '{field}' must be a key=value pair");
        var value = equals < 0 ? "true" : field[(equals + 1)..];
        switch (key)
        {
            case "type":
                _mount.Type = value.ToLowerInvariant();
                break;
            case "source" or "src":
                _mount.Source = value == "." || value.StartsWith("./", StringComparison.Ordinal) ? Path.GetFullPath(value) : value;
                break;
            case "target" or "dst" or "destination":
                _mount.Target = value;
                break;
            case "readonly" or "ro":
                _mount.ReadOnly = ParseTruth(key, value);
                break;
            case "consistency":
                _mount.Consistency = value.ToLowerInvariant();
                break;
            default:
                TakeOption(key, value, field, equals >= 0);
                break;
        }
    }

    private void TakeOption(string key, string value, string field, bool equals)
    {
        switch (key)
        {
            case "bind-propagation":
                Bind.Propagation = value.ToLowerInvariant();
                break;
            case "bind-nonrecursive":
                Bind.NonRecursive = ParseTruth(key, value);
                break;
            case "bind-create-src":
                Bind.CreateMountpoint = ParseTruth(key, value);
                break;
            case "bind-idmap":
                Bind.IDMapping = IdMapParser.Parse(equals ? value : "");
                break;
            case "bind-recursive":
                TakeRecursive(value);
                break;
            case "volume-subpath":
                Volume.Subpath = value;
                break;
            case "volume-nocopy":
                Volume.NoCopy = ParseTruth(key, value);
                break;
            case "volume-label":
                Add(_labels, value);
                Volume.Labels = _labels;
                break;
            case "volume-driver":
                Driver.Name = value;
                break;
            case "volume-opt":
                Add(_driverOptions, value);
                Driver.Options = _driverOptions;
                break;
            case "image-subpath":
                (_mount.ImageOptions ??= new ImageOptions()).Subpath = value;
                break;
            case "tmpfs-size":
                Tmpfs.SizeBytes = ParseSize(key, value);
                break;
            case "tmpfs-mode":
                Tmpfs.Mode = ParseMode(key, value);
                break;
            default:
                throw new FormatException($"unexpected key '{key}' in '{field}'");
        }
    }

    private VolumeDriverConfig Driver => Volume.DriverConfig ??= new VolumeDriverConfig();

    private void TakeRecursive(string value)
    {
        switch (value)
        {
            case "enabled":
                break;
            case "disabled":
                Bind.NonRecursive = true;
                break;
            case "writable":
                Bind.ReadOnlyNonRecursive = true;
                break;
            case "readonly":
                Bind.ReadOnlyForceRecursive = true;
                break;
            default:
                throw new FormatException($"invalid value for bind-recursive: {value} (must be \"enabled\", \"disabled\", \"writable\", or \"readonly\")");
        }
    }

    private Mount Finish()
    {
        if (string.IsNullOrEmpty(_mount.Type))
            throw new FormatException("type is required");
        if (string.IsNullOrEmpty(_mount.Target))
            throw new FormatException("target is required");
        CheckMix("volume-*", _mount.VolumeOptions is not null, "volume");
        CheckMix("bind-*", _mount.BindOptions is not null, "bind");
        CheckMix("image-*", _mount.ImageOptions is not null, "image");
        CheckMix("tmpfs-*", _mount.TmpfsOptions is not null, "tmpfs");
        if (_mount.BindOptions is { } bind)
        {
            if (bind.ReadOnlyNonRecursive && !_mount.ReadOnly)
                throw new FormatException("option 'bind-recursive=writable' requires 'readonly' to be specified in conjunction");
            if (bind.ReadOnlyForceRecursive && !_mount.ReadOnly)
                throw new FormatException("option 'bind-recursive=readonly' requires 'readonly' to be specified in conjunction");
            if (bind.ReadOnlyForceRecursive && bind.Propagation != "rprivate")
                throw new FormatException("option 'bind-recursive=readonly' requires 'bind-propagation=rprivate' to be specified in conjunction");
        }
        return _mount;
    }

    private void CheckMix(string options, bool given, string type)
    {
        if (given && _mount.Type != type)
            throw new FormatException($"cannot mix '{options}' options with mount type '{_mount.Type}'");
    }

    private static bool ParseTruth(string key, string value) => GoBoolean.Parse(value) ?? throw new FormatException($"invalid value for {key}: {value}");

    private static long ParseSize(string key, string value)
    {
        try
        {
            return ByteSize.Parse(value);
        }
        catch (FormatException)
        {
            throw new FormatException($"invalid value for {key}: {value}");
        }
    }

    private static int ParseMode(string key, string value)
    {
        var mode = 0;
        foreach (var digit in value)
            mode = digit is >= '0' and <= '7' && mode < 0x1000_0000 ? mode * 8 + (digit - '0') : throw new FormatException($"invalid value for {key}: {value}");
        return value.Length > 0 ? mode : throw new FormatException($"invalid value for {key}: {value}");
    }

    private static void Add(Dictionary<string, string> map, string value)
    {
        var equals = value.IndexOf('=', StringComparison.Ordinal);
        map[equals < 0 ? value : value[..equals]] = equals < 0 ? "" : value[(equals + 1)..];
    }
}
