using System.Text.Json;
using Gantry.Build.Progress;

namespace Gantry.Build.History;

/// <summary>Notes one build while it goes on. Its log has a bound: what is beyond that is not kept.</summary>
public sealed class BuildRecorder
{
    private const long MostLogBytes = 16 << 20;
    private readonly BuildHistory _history;
    private readonly BuildRecord _record;
    private readonly Dictionary<string, StatusVertex> _steps = [];
    private readonly Lock _gate = new();
    private readonly FileStream _log;
    private long _logged;
    private int _warnings;
    private bool _finished;

    internal BuildRecorder(BuildHistory history, BuildRecord record, string log)
    {
        (_history, _record) = (history, record);
        _log = new FileStream(log, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
    }

    /// <summary>Notes what is told.</summary>
    public void Tell(BuildStatus status)
    {
        lock (_gate)
        {
            if (_finished)
                return;
            foreach (var vertex in status.Vertexes ?? [])
                _steps[vertex.Digest] = vertex;
            _warnings += status.Warnings?.Count ?? 0;
            if (_logged > MostLogBytes)
                return;
            var line = JsonSerializer.SerializeToUtf8Bytes(status, BuildStatusJson.Default.BuildStatus);
            Write([.. line, (byte)'\n']);
        }
    }

    /// <summary>On a full disk the log ends, the build goes on.</summary>
    private void Write(byte[] line)
    {
        try
        {
            _log.Write(line);
            _logged += line.Length;
        }
        catch (IOException)
        {
            _logged = long.MaxValue;
        }
    }

    /// <summary>The build is done.</summary>
    /// <param name="error">Why it failed; null: it did not.</param>
    /// <param name="response">What is told of its outputs.</param>
    public void Finish(string? error, IReadOnlyDictionary<string, string> response)
    {
        lock (_gate)
        {
            if (_finished)
                return;
            _finished = true;
            CloseLog();
            _history.Complete(_record with
            {
                CompletedAt = _history.Clock.GetUtcNow(),
                Error = error ?? "",
                Response = response,
                TotalSteps = _steps.Count,
                CompletedSteps = _steps.Values.Count(step => step.Completed is not null && step.Error is null),
                CachedSteps = _steps.Values.Count(step => step.Cached),
                Warnings = _warnings,
            });
        }
    }

    private void CloseLog()
    {
        try
        {
            _log.Dispose();
        }
        catch (IOException)
        {
            // What was not written yet had no room.
        }
    }
}
