using System.Runtime.InteropServices;

namespace Gantry.Os.Processes;

/// <summary>One step of a child's program, as it lies in memory: a system call (or a comparison), and what follows its result.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Operation
{
    /// <summary>Bytes of one operation.</summary>
    internal const int Size = 80;

    /// <summary>Offset of the first argument.</summary>
    internal const int ArgumentsOffset = 8;

    /// <summary>How many arguments there are.</summary>
    internal const int ArgumentCount = 6;

    /// <summary>How many errors one operation can tolerate.</summary>
    internal const int ToleratedCount = 5;

    /// <summary>
    /// The <see cref="Number"/> of an operation that is no system call: the 8 bytes at the first argument, masked with the second,
    /// have to equal the third; the fourth is the error otherwise.
    /// </summary>
    internal const long Compare = -1;

    /// <summary>In <see cref="Tolerated"/>: any error.</summary>
    internal const ushort AnyError = ushort.MaxValue;

    /// <summary>The system call's number.</summary>
    internal long Number;

    /// <summary>Its arguments.</summary>
    internal fixed long Arguments[ArgumentCount];

    /// <summary>Four bits for each argument: 0, or 1 + the slot whose value is the argument.</summary>
    internal uint SlotArguments;

    /// <summary>0, or 1 + the slot that takes the result.</summary>
    internal byte ResultSlot;

    /// <summary>1: a result above 0 is the number of a child that goes on from here; this process ends.</summary>
    internal byte HandsOver;

    /// <summary>How many operations are left out after success.</summary>
    internal ushort SkipOnSuccess;

    /// <summary>How many operations are left out after a tolerated error.</summary>
    internal ushort SkipOnTolerated;

    /// <summary>Errors with which the program goes on; 0 ends the list.</summary>
    internal fixed ushort Tolerated[ToleratedCount];

    /// <summary>Unused: keeps the next operation aligned.</summary>
    internal uint Padding;
}
