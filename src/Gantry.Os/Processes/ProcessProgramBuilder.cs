using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Gantry.Os.Processes;

/// <summary>
/// Writes a child's program: operations in order, each with the text that names it in an error, and the data they point to. An
/// operation that fails ends the child, unless its error is tolerated; labels let the program go on elsewhere after a success or
/// after a tolerated error.
/// </summary>
public sealed class ProcessProgramBuilder
{
    private readonly List<Operation> _operations = new(128);
    private readonly List<string> _stages = new(128);
    private readonly List<(int Operation, int Argument, int Data)> _pointers = [];
    private readonly List<(int Operation, int Argument, int Descriptor)> _descriptors = [];
    private readonly List<(int At, int To)> _dataPointers = [];
    private readonly List<int> _labels = [];
    private readonly List<(int Operation, int Label, bool OnSuccess)> _jumps = [];
    private readonly Dictionary<string, ProgramData> _strings = [];
    private byte[] _data = new byte[4096];
    private int _dataLength;
    private int? _birth;

    /// <summary>The namespaces to create: CLONE_NEW* flags of clone(2).</summary>
    public ulong CloneFlags { get; set; }

    /// <summary>The cgroup v2 directory the child is born in.</summary>
    public ProgramDescriptor? Cgroup { get; set; }

    /// <summary>How many operations there are so far.</summary>
    public int Count => _operations.Count;

    /// <summary>Adds a system call.</summary>
    /// <param name="stage">What it does, for errors, e.g. <c>mount proc at /proc</c>.</param>
    /// <param name="call">The system call.</param>
    /// <param name="arguments">Up to six.</param>
    /// <returns>The operation, to say what follows its result.</returns>
    public ProgramOperation Call(string stage, SystemCall call, params ReadOnlySpan<ProgramArgument> arguments) =>
        Append(stage, (long)call, arguments);

    /// <summary>Adds a check: the 8 bytes at <paramref name="data"/>, masked, have to equal <paramref name="expected"/>.</summary>
    /// <param name="stage">What it makes sure of, for errors.</param>
    /// <param name="data">Where the bytes lie.</param>
    /// <param name="mask">Which bits count.</param>
    /// <param name="expected">What they have to be.</param>
    /// <param name="error">The error otherwise.</param>
    public ProgramOperation Check(string stage, ProgramData data, ulong mask, ulong expected, Errno error) =>
        Append(stage, Operation.Compare, [data, mask, expected, error.Value]);

    /// <summary>
    /// Adds the birth of the process into the pid namespace that was joined before (setns(2) with CLONE_NEWPID, which concerns children only).
    /// Until then the program runs where that namespace cannot see it, with the privileges of whoever spawns it; from then on a process inside
    /// that may trace others finds it, and what it is, may do, and has in its memory at this moment is what such a tracer gets. Hence it
    /// is to be confined before. What belongs to the number of a process, a session, is made afterwards.
    /// </summary>
    /// <param name="isHeld">The program waits later on: then its spawn is over with the birth, else with the execve.</param>
    public void GiveBirth(bool isHeld)
    {
        const long SIGCHLD = 17, CLONE_VFORK = 0x4000, CLONE_PARENT = 0x8000, CLONE_PARENT_SETTID = 0x100000;
        _birth = _operations.Count;
        Call("create the process in the pid namespace", SystemCall.Clone, SIGCHLD | CLONE_PARENT | CLONE_PARENT_SETTID | (isHeld ? 0 : CLONE_VFORK), 0,
            0, 0, 0);
        At(_birth.Value).HandsOver = 1;
    }

    /// <summary>Adds an operation that fails always.</summary>
    public ProgramOperation Fail(string stage, Errno error) => Check(stage, Reserve(8), 0, 1, error);

    /// <summary>Adds an operation that goes on at <paramref name="label"/> always.</summary>
    public void Jump(ProgramLabel label) => Check("jump", Reserve(8), 0, 0, Errno.EINVAL).OnSuccess(label);

    /// <summary>A label that is not placed yet.</summary>
    public ProgramLabel NewLabel()
    {
        _labels.Add(-1);
        return new ProgramLabel(_labels.Count - 1);
    }

    /// <summary>Places a label before the next operation. Programs only ever go forward.</summary>
    public void Place(ProgramLabel label) => _labels[label.Index] = _operations.Count;

    /// <summary>A text as a string for the kernel: UTF-8 and a zero. Equal texts are stored once.</summary>
    /// <exception cref="ArgumentException">The text holds a zero, which would end it early.</exception>
    public ProgramData Text(string text)
    {
        if (_strings.TryGetValue(text, out var known))
            return known;
        if (text.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException($"\"{text.Replace("\0", "\\0", StringComparison.Ordinal)}\" contains a NUL character", nameof(text));
        var length = Encoding.UTF8.GetByteCount(text);
        var place = Reserve(length + 1);
        Encoding.UTF8.GetBytes(text, _data.AsSpan(place.Offset));
        return _strings[text] = place;
    }

    /// <summary>Bytes as they are, aligned to 8.</summary>
    public ProgramData Bytes(ReadOnlySpan<byte> bytes)
    {
        var place = Reserve(bytes.Length);
        bytes.CopyTo(_data.AsSpan(place.Offset));
        return place;
    }

    /// <summary>A structure without references, as it lies in memory.</summary>
    public ProgramData Structure<T>(T value) where T : unmanaged => Bytes(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));

    /// <summary>Zeroed bytes for results, aligned to 8.</summary>
    public ProgramData Reserve(int bytes)
    {
        var start = (_dataLength + 7) & ~7;
        _dataLength = start + Math.Max(bytes, 1);
        if (_dataLength > _data.Length)
            Array.Resize(ref _data, Math.Max(_dataLength, _data.Length * 2));
        return new ProgramData(start);
    }

    /// <summary>An array of addresses of texts, ended by a null address, as execve(2) takes it.</summary>
    public ProgramData Vector(IReadOnlyList<string> texts)
    {
        var vector = Reserve((texts.Count + 1) * sizeof(long));
        for (var i = 0; i < texts.Count; i++)
            SetPointer(vector.At(i * sizeof(long)), Text(texts[i]));
        return vector;
    }

    /// <summary>Makes the 8 bytes at <paramref name="at"/> the address of <paramref name="to"/>.</summary>
    public void SetPointer(ProgramData at, ProgramData to) => _dataPointers.Add((at.Offset, to.Offset));

    /// <summary>Stores a number of 16 bits, as the length in a <c>struct sock_fprog</c>.</summary>
    public void SetLength(ProgramData at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(_data.AsSpan(at.Offset), value);

    /// <summary>The finished program. The builder can go on and build a longer one.</summary>
    public ProcessProgram Build()
    {
        var dataStart = _operations.Count * Operation.Size;
        var image = new byte[dataStart + _dataLength];
        ResolveJumps();
        MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_operations)).CopyTo(image);
        _data.AsSpan(0, _dataLength).CopyTo(image.AsSpan(dataStart));

        var pointers = new List<int>(_pointers.Count + _dataPointers.Count);
        foreach (var (operation, argument, data) in _pointers)
            AddPointer(ArgumentOffset(operation, argument), data);
        foreach (var (at, to) in _dataPointers)
            AddPointer(dataStart + at, to);

        return new ProcessProgram
        {
            CloneFlags = CloneFlags,
            Image = image,
            OperationCount = _operations.Count,
            PointerRelocations = pointers,
            DescriptorRelocations = [.. _descriptors.Select(d => (ArgumentOffset(d.Operation, d.Argument), d.Descriptor))],
            CgroupDescriptor = Cgroup?.Index,
            BirthOperation = _birth,
            Stages = [.. _stages],
        };

        void AddPointer(int offset, int data)
        {
            BinaryPrimitives.WriteInt64LittleEndian(image.AsSpan(offset), dataStart + data);
            pointers.Add(offset);
        }
    }

    /// <summary>The operation itself; the reference holds until the next one is added.</summary>
    internal ref Operation At(int operation) => ref CollectionsMarshal.AsSpan(_operations)[operation];

    internal void AddJump(int operation, ProgramLabel label, bool onSuccess) => _jumps.Add((operation, label.Index, onSuccess));

    private static int ArgumentOffset(int operation, int argument) =>
        operation * Operation.Size + Operation.ArgumentsOffset + argument * sizeof(long);

    private unsafe ProgramOperation Append(string stage, long number, ReadOnlySpan<ProgramArgument> arguments)
    {
        var index = _operations.Count;
        var operation = new Operation { Number = number };
        for (var i = 0; i < arguments.Length; i++)
        {
            var argument = arguments[i];
            switch (argument.Kind)
            {
                case ProgramArgument.Form.Number:
                    operation.Arguments[i] = argument.Value;
                    break;
                case ProgramArgument.Form.Data:
                    _pointers.Add((index, i, (int)argument.Value));
                    break;
                case ProgramArgument.Form.Descriptor:
                    _descriptors.Add((index, i, (int)argument.Value));
                    break;
                case ProgramArgument.Form.Slot:
                    operation.SlotArguments |= (uint)(argument.Value + 1) << (4 * i);
                    break;
            }
        }
        _operations.Add(operation);
        _stages.Add(stage);
        return new ProgramOperation(this, index);
    }

    private void ResolveJumps()
    {
        var operations = CollectionsMarshal.AsSpan(_operations);
        foreach (var (operation, label, onSuccess) in _jumps)
        {
            var skip = _labels[label] - operation - 1;
            if (skip < 0)
                throw new InvalidOperationException($"operation {operation} ({_stages[operation]}) goes on at a label that was not placed after it");
            if (onSuccess)
                operations[operation].SkipOnSuccess = checked((ushort)skip);
            else
                operations[operation].SkipOnTolerated = checked((ushort)skip);
        }
    }
}
