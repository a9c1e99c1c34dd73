namespace Gantry.Images;

/// <summary>Something to tell the user while images are loaded or imported: a whole line, or the state of one layer.</summary>
/// <param name="Line">A line without its end; null when <paramref name="Status"/> is given.</param>
/// <param name="Status">What is being done to the layer, e.g. <c>Loading layer</c>.</param>
/// <param name="LayerId">The layer, 12 digits.</param>
/// <param name="Current">Bytes done.</param>
/// <param name="Total">Bytes in all; 0 when that is not known.</param>
public sealed record ImageProgress(string? Line, string? Status = null, string? LayerId = null, long Current = 0, long Total = 0);
