namespace Gantry.Os.Processes;

/// <summary>Bytes in a program's image; where an operation takes one, it gets their address.</summary>
/// <param name="Offset">Where, counted from the first byte behind the operations.</param>
public readonly record struct ProgramData(int Offset)
{
    /// <summary>A place <paramref name="bytes"/> further on in the same data.</summary>
    public ProgramData At(int bytes) => new(Offset + bytes);
}

/// <summary>A descriptor handed to the spawner; where an operation takes one, it gets its number.</summary>
/// <param name="Index">Its place in the list of descriptors.</param>
public readonly record struct ProgramDescriptor(int Index);

/// <summary>A variable of the child: takes the result of an operation, serves later ones as an argument.</summary>
/// <param name="Index">0 to <see cref="Count"/> - 1.</param>
public readonly record struct ProgramSlot(int Index)
{
    /// <summary>How many a program has.</summary>
    public const int Count = 15;
}

/// <summary>A place in a program that operations before it can go on at.</summary>
/// <param name="Index">The builder's number of it.</param>
public readonly record struct ProgramLabel(int Index);

/// <summary>An argument of an operation: a number, or what becomes one when the program runs.</summary>
public readonly record struct ProgramArgument
{
    internal enum Form
    {
        Number,
        Data,
        Descriptor,
        Slot,
    }

    private ProgramArgument(Form kind, long value) => (Kind, Value) = (kind, value);

    internal Form Kind { get; }

    internal long Value { get; }

    /// <summary>A number.</summary>
    public static implicit operator ProgramArgument(uint value) => new(Form.Number, value);

    /// <summary>A number.</summary>
    public static implicit operator ProgramArgument(int value) => new(Form.Number, value);

    /// <summary>A number.</summary>
    public static implicit operator ProgramArgument(long value) => new(Form.Number, value);

    /// <summary>A number of 64 bits without a sign.</summary>
    public static implicit operator ProgramArgument(ulong value) => new(Form.Number, unchecked((long)value));

    /// <summary>The address of data.</summary>
    public static implicit operator ProgramArgument(ProgramData data) => new(Form.Data, data.Offset);

    /// <summary>The number of a descriptor.</summary>
    public static implicit operator ProgramArgument(ProgramDescriptor descriptor) => new(Form.Descriptor, descriptor.Index);

    /// <summary>The value of a slot.</summary>
    public static implicit operator ProgramArgument(ProgramSlot slot) => new(Form.Slot, slot.Index);
}
