using System.Text;
using Gantry.Api.Model;
using Gantry.Build.Dockerfile;
using Gantry.Build.Dockerfile.Compile;
using Gantry.Build.Progress;

namespace Gantry.Api.Build;

/// <summary>
/// Progress as the classic builder told it: <c>Step 1/8 : FROM …</c>, what the step wrote, <c> ---&gt; id</c>. Steps that run at the same time are told one
/// after another, in the order of the file.
/// </summary>
/// <param name="report">Sends a message.</param>
/// <param name="arguments">The names of the arguments that were given: those that nothing declares are told.</param>
internal sealed class ClassicBuildStream(Action<ProgressMessage> report, IReadOnlyList<string> arguments)
{
    private const int ShortLength = 12;
    private readonly List<Step> _steps = [];
    private readonly Dictionary<string, Step> _byVertex = [];
    private readonly Lock _gate = new();
    private int _next;
    private string _last = "";
    private IReadOnlySet<string> _declared = new HashSet<string>();

    /// <summary>The steps are known: the first of them can be told.</summary>
    public void Begin(CompiledImage compiled)
    {
        lock (_gate)
        {
            var nodes = compiled.Instructions.GroupBy(pair => pair.Value).ToDictionary(group => group.Key, group => group.Last().Key);
            foreach (var instruction in compiled.Steps)
            {
                var step = new Step(instruction, nodes.TryGetValue(instruction, out var node) ? node.Digest.ToString() : null);
                _steps.Add(step);
                if (step.Vertex is not null)
                    _byVertex[step.Vertex] = step;
            }
            _declared = compiled.DeclaredArguments;
            Pump();
        }
    }

    /// <summary>Nothing could be begun: tells the instruction that asks for what cannot be had. The error itself is told by who has it.</summary>
    public void Fail(DockerfileDocument document, SourceRange range)
    {
        lock (_gate)
        {
            var instructions = document.Stages.SelectMany(stage => stage.Instructions.Prepend(stage.From)).ToList();
            var at = instructions.FindIndex(instruction => instruction.Range == range);
            if (_steps.Count == 0 && at >= 0)
                Say($"Step {at + 1}/{instructions.Count} : {instructions[at].Text}\n");
        }
    }

    /// <summary>Takes a step of progress.</summary>
    public void Take(BuildStatus status)
    {
        lock (_gate)
        {
            foreach (var vertex in status.Vertexes ?? [])
            {
                if (!_byVertex.TryGetValue(vertex.Digest, out var step))
                    continue;
                step.IsStarted = true;
                step.IsCached |= vertex.Cached;
                step.IsDone = vertex.Completed is not null && vertex.Error is null;
            }
            foreach (var log in status.Logs ?? [])
            {
                if (_byVertex.TryGetValue(log.Vertex, out var step))
                    step.Output.Append(step.Decoder.Decode(log.Data));
            }
            Pump();
        }
    }

    /// <summary>The end.</summary>
    public void Finish(string id, IEnumerable<string> names)
    {
        lock (_gate)
        {
            foreach (var step in _steps)
                step.IsStarted = step.IsDone = true;
            Pump();
            var unused = arguments.Where(name => !_declared.Contains(name) && !FrontendOptions.IsKnownArgument(name)).Order(StringComparer.Ordinal).ToList();
            if (unused.Count > 0)
                Say($"[Warning] One or more build-args [{string.Join(' ', unused)}] were not consumed\n");
            Say($"Successfully built {Short(id)}\n");
            foreach (var name in names)
                Say($"Successfully tagged {name}\n");
        }
    }

    private void Pump()
    {
        for (; _next < _steps.Count; _next++)
        {
            var step = _steps[_next];
            if (step.Vertex is not null && !step.IsStarted)
                return;
            if (!step.IsAnnounced)
                Announce(step);
            if (step.Output.Length > 0)
                Say(step.Output.ToString());
            step.Output.Clear();
            if (step.Vertex is not null && !step.IsDone)
                return;
            Close(step);
        }
    }

    private void Announce(Step step)
    {
        step.IsAnnounced = true;
        Say($"Step {_next + 1}/{_steps.Count} : {step.Instruction.Text}\n");
        if (step.IsCached)
            Say(" ---> Using cache\n");
        else if (step.Instruction is RunInstruction)
            Say($" ---> Running in {Short(step.Vertex!)}\n");
    }

    private void Close(Step step)
    {
        if (step.Vertex is not null)
        {
            if (step.Instruction is RunInstruction && !step.IsCached)
                Say($" ---> Removed intermediate container {Short(step.Vertex)}\n");
            _last = Short(step.Vertex);
        }
        if (_last.Length > 0)
            Say($" ---> {_last}\n");
    }

    private void Say(string text) => report(new ProgressMessage { Stream = text });

    private static string Short(string digest) => digest[(digest.IndexOf(':') + 1)..][..ShortLength];

    private sealed class Step(Instruction instruction, string? vertex)
    {
        public Instruction Instruction => instruction;

        public string? Vertex => vertex;

        public bool IsStarted { get; set; }

        public bool IsAnnounced { get; set; }

        public bool IsCached { get; set; }

        public bool IsDone { get; set; }

        public StringBuilder Output { get; } = new();

        public Utf8Pieces Decoder { get; } = new();
    }
}

/// <summary>Text that comes in pieces which may end within a character.</summary>
internal sealed class Utf8Pieces
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    public string Decode(ReadOnlySpan<byte> bytes)
    {
        var characters = new char[_decoder.GetCharCount(bytes, flush: false)];
        return new string(characters, 0, _decoder.GetChars(bytes, characters, flush: false));
    }
}
