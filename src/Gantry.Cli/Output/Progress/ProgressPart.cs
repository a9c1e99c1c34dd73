using Gantry.Api.Model;

namespace Gantry.Cli.Output.Progress;

/// <summary>One part of a long operation, mostly a layer: what is being done to it, and how much of it has come or gone.</summary>
/// <param name="id">Its name.</param>
internal sealed class ProgressPart(string id)
{
    private const int LongestBar = 50, ShortestBar = 8;

    private string _status = "";
    private ProgressDetail? _detail;

    /// <summary>Bytes transferred so far.</summary>
    public long Transferred { get; private set; }

    /// <summary>Bytes to be transferred in all; 0: not known (yet), or none.</summary>
    public long Size { get; private set; }

    /// <summary>Whether nothing is left to be done.</summary>
    public bool IsDone =>
        _status is "Pull complete" or "Already exists" or "Pushed" or "Layer already exists"
        || _status.StartsWith("Mounted from", StringComparison.Ordinal);

    /// <summary>Whether something is being done right now, as far as can be told.</summary>
    public bool IsMoving => !IsDone && _detail is { Current: > 0 };

    /// <summary>Whether it is known how much is left to transfer.</summary>
    public bool IsSizeKnown => IsDone || Size > 0;

    /// <summary>Takes a message.</summary>
    public void Update(string status, ProgressDetail? detail)
    {
        (_status, _detail) = (status, detail);
        if (status is "Downloading" or "Pushing" && detail is not null)
            (Transferred, Size) = (detail.Current, Math.Max(detail.Current, detail.Total));
        else if (Size > 0 && status is not ("Waiting" or "Retrying"))
            Transferred = Size;
    }

    /// <summary>Its line, of at most <paramref name="columns"/> letters.</summary>
    public string Format(int columns)
    {
        var start = $"{id}: {_status}";
        if (_detail is not ({ Current: > 0 } or { Total: > 0 }))
            return Cut(start, columns);
        var numbers = HumanText.Size(_detail.Current).PadLeft(8) + (_detail.Total > 0 ? "/" + HumanText.Size(_detail.Total) : "");
        // Two spaces, two brackets, the tip of the arrow.
        var room = Math.Min(LongestBar, columns - start.Length - numbers.Length - 5);
        if (_detail.Total <= 0 || room < ShortestBar)
            return Cut($"{start} {numbers}", columns);
        var done = (int)Math.Clamp((double)_detail.Current / _detail.Total * room, 0, room);
        return $"{start} [{new string('=', done)}>{new string(' ', room - done)}] {numbers}";
    }

    private static string Cut(string text, int columns) => text.Length <= columns ? text : text[..columns];
}
