using System.ComponentModel;
using System.Diagnostics;
using Gantry.Oci;

namespace Gantry.Storage.Compression;

/// <summary>
/// Reads content that the framework cannot decompress, through the host's xz(1) or bzip2(1), as docker does with xz. Only for what users hand in (import,
/// ADD, build contexts): no image format has such layers.
/// </summary>
public sealed class ProgramDecompressionStream : ReadOnlyStream
{
    private const int BufferSize = 1 << 17;

    private readonly Stream _source;
    private readonly string _program;
    private readonly Process _process;
    private readonly Task _feeding;
    private readonly Task<string> _complaints;

    /// <summary>Starts the program.</summary>
    /// <param name="source">What it gets; owned by this stream.</param>
    /// <param name="program">The program's name; <c>-dc</c> makes it decompress its standard input.</param>
    /// <exception cref="GantryException">It is not installed (Unavailable).</exception>
    public ProgramDecompressionStream(Stream source, string program)
    {
        (_source, _program) = (source, program);
        var start = new ProcessStartInfo(program, ["-dc"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            _process = Process.Start(start)!;
        }
        catch (Win32Exception error)
        {
            throw new GantryException(ErrorKind.Unavailable,
                $"the content is compressed with {program}, which is not installed on the host: install it", error);
        }
        _complaints = _process.StandardError.ReadToEndAsync();
        _feeding = Task.Run(FeedAsync);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The content is damaged or cut short.</exception>
    public override int Read(Span<byte> buffer)
    {
        var count = _process.StandardOutput.BaseStream.Read(buffer);
        if (count == 0 && buffer.Length > 0)
            FinishAsync(CancellationToken.None).GetAwaiter().GetResult();
        return count;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The content is damaged or cut short.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await _process.StandardOutput.BaseStream.ReadAsync(buffer, cancellationToken);
        if (count == 0 && buffer.Length > 0)
            await FinishAsync(cancellationToken);
        return count;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            if (!_process.HasExited)
                _process.Kill();
            _process.WaitForExit();
            _source.Dispose();
            _ = _feeding.Exception;
            _process.Dispose();
        }
        base.Dispose(disposing);
    }

    private async Task FeedAsync()
    {
        await using var input = _process.StandardInput.BaseStream;
        try
        {
            await _source.CopyToAsync(input, BufferSize);
        }
        catch (IOException) when (_process.HasExited)
        {
            // It has given up, and says why.
        }
    }

    private async Task FinishAsync(CancellationToken cancellation)
    {
        await _process.WaitForExitAsync(cancellation);
        if (_process.ExitCode != 0)
            throw new InvalidDataException($"{_program}: {(await _complaints).Trim()}");
        // What broke while the source was read is the reader's to know.
        await _feeding;
    }
}
