namespace Gantry.Os.Processes;

/// <summary>An operation just added to a program: says what follows its result.</summary>
public readonly struct ProgramOperation
{
    private readonly ProcessProgramBuilder _builder;
    private readonly int _index;

    internal ProgramOperation(ProcessProgramBuilder builder, int index) => (_builder, _index) = (builder, index);

    /// <summary>Keeps the result in a slot.</summary>
    public ProgramOperation Into(ProgramSlot slot)
    {
        _builder.At(_index).ResultSlot = (byte)(slot.Index + 1);
        return this;
    }

    /// <summary>Goes on with the next operation after any of these errors, as if it had succeeded.</summary>
    /// <param name="errors">At most five.</param>
    public unsafe ProgramOperation Tolerate(params ReadOnlySpan<Errno> errors)
    {
        if (errors.Length > Operation.ToleratedCount)
            throw new ArgumentException($"an operation can tolerate {Operation.ToleratedCount} errors at most", nameof(errors));
        ref var operation = ref _builder.At(_index);
        for (var i = 0; i < errors.Length; i++)
            operation.Tolerated[i] = (ushort)errors[i].Value;
        return this;
    }

    /// <summary>Goes on with the next operation whatever the error.</summary>
    public unsafe ProgramOperation TolerateAll()
    {
        _builder.At(_index).Tolerated[0] = Operation.AnyError;
        return this;
    }

    /// <summary>Goes on at a label after a success.</summary>
    public ProgramOperation OnSuccess(ProgramLabel label)
    {
        _builder.AddJump(_index, label, onSuccess: true);
        return this;
    }

    /// <summary>Goes on at a label after a tolerated error.</summary>
    public ProgramOperation OnTolerated(ProgramLabel label)
    {
        _builder.AddJump(_index, label, onSuccess: false);
        return this;
    }
}
