using Gantry.Oci.Images;

namespace Gantry.Storage.Content;

/// <summary>
/// Counts who holds which blob. While a collection runs, a release is put off to its end: the blob's new owner (say, the index) may have
/// appeared after the collection had looked at the roots.
/// </summary>
internal sealed class HeldBlobs
{
    private readonly Dictionary<Digest, int> _counts = [];
    private readonly List<Digest> _putOff = [];
    private readonly Lock _gate = new();
    private bool _collecting;

    /// <summary>Holds the blob if <paramref name="condition"/> holds; nothing is deleted between the two.</summary>
    internal bool HoldIf(Digest digest, Func<bool> condition)
    {
        lock (_gate)
        {
            if (!condition())
                return false;
            _counts[digest] = _counts.GetValueOrDefault(digest) + 1;
            return true;
        }
    }

    internal bool IsHeld(Digest digest)
    {
        lock (_gate)
            return _counts.ContainsKey(digest);
    }

    internal void Release(Digest digest)
    {
        lock (_gate)
        {
            if (_collecting)
                _putOff.Add(digest);
            else
                Drop(digest);
        }
    }

    internal bool RemoveUnlessHeld(Digest digest, Func<bool> remove)
    {
        lock (_gate)
            return !_counts.ContainsKey(digest) && remove();
    }

    internal void BeginCollection()
    {
        lock (_gate)
            _collecting = !_collecting ? true : throw new InvalidOperationException("a collection is running");
    }

    internal void EndCollection()
    {
        lock (_gate)
        {
            _collecting = false;
            foreach (var digest in _putOff)
                Drop(digest);
            _putOff.Clear();
        }
    }

    private void Drop(Digest digest)
    {
        if (--_counts[digest] == 0)
            _counts.Remove(digest);
    }
}
