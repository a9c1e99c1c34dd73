namespace Gantry.Engine.Logs;

/// <summary>Whole lines of JSON.</summary>
internal sealed class JsonBlock : LogBlock
{
    private const int InitialSize = 1 << 18, MaxLine = 1 << 24;

    private byte[] _buffer = new byte[InitialSize];
    private int _taken, _length;

    internal override ReadOnlyMemory<byte>? Read(LogSegment segment, ref long position)
    {
        Compact();
        var count = segment.Read(_buffer.AsSpan(_length), position);
        if (count == 0)
            return null;
        position += count;
        var end = _buffer.AsSpan(_length, count).LastIndexOf((byte)'\n');
        _taken = end < 0 ? 0 : _length + end + 1;
        _length += count;
        return _buffer.AsMemory(0, _taken);
    }

    internal override ReadOnlyMemory<byte> TakeRest()
    {
        var rest = _buffer.AsMemory(_taken, _length - _taken);
        _taken = _length;
        return rest;
    }

    private void Compact()
    {
        _length -= _taken;
        _buffer.AsSpan(_taken, _length).CopyTo(_buffer);
        _taken = 0;
        if (_length < _buffer.Length)
            return;
        if (_length >= MaxLine)
            // No log has such a line: it is dropped, and what follows in it is refused as no log line.
            _length = 0;
        else
            Array.Resize(ref _buffer, _buffer.Length * 2);
    }
}
