using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gantry.Os.Processes;

/// <summary>What the child and its parent share: written by the parent before the clone, by the child until execve.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ChildContext
{
    /// <summary>The system call stub.</summary>
    internal delegate* managed<long, long, long, long, long, long, long, long> Call;

    /// <summary>The operations.</summary>
    internal Operation* Operations;

    /// <summary>How many there are.</summary>
    internal long Count;

    /// <summary>The variables.</summary>
    internal long* Slots;

    /// <summary>A zeroed <c>struct sigaction</c>: the default action.</summary>
    internal long* DefaultAction;

    /// <summary>1: walk the operations and return, so that the method is compiled before it is needed; see <see cref="ProcessSpawner"/>.</summary>
    internal long Rehearsal;

    /// <summary>The arguments of the operation the child is at. Not on its stack: the compiler guards an array there by a check that calls.</summary>
    internal fixed long Arguments[Operation.ArgumentCount];

    /// <summary>How far the child is.</summary>
    internal ChildReport* Report;
}

/// <summary>What a child tells its parent. A process that traces the child may have written it: to be read as foreign data.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ChildReport
{
    /// <summary>The operation the child is at, the stage that goes before a birth included.</summary>
    internal long Current;

    /// <summary>The error that ended the program; 0: none.</summary>
    internal long Error;
}

/// <summary>The code that a cloned child runs.</summary>
internal static unsafe class ChildProcess
{
    private const int SignalCount = 64;
    private const long SIG_SETMASK = 2;
    private const long SignalSetSize = 8;
    private const long ENOENT = 2;
    private const long LowestError = -4095;

    /// <summary>
    /// Walks the program and ends with its last operation, an execve, or by exiting. It is entered by the return of clone3 on a stack
    /// of its own, in the memory of the parent, whose threads run on: so it touches nothing but <paramref name="context"/> and what
    /// that points to, calls nothing but the stub, has no statics, no allocation, no exceptions, no array or span (bounds checks
    /// throw). A test disassembles it.
    /// </summary>
    /// <remarks>
    /// The parameters are what lies in the registers when the system call returns: the arguments of clone3, shifted by the stub. The
    /// kernel ignores the third one, so it carries the context. Signals are blocked at first: their actions are reset before they
    /// are let in, as handlers of the parent would run managed code here, and ignored ones (SIGPIPE) would stay so across execve.
    /// A failure exits with 127 when a file was missing and 126 otherwise, like a shell, for whoever sees nothing but the exit code.
    /// </remarks>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    internal static void Run(void* cloneArguments, nint size, ChildContext* context)
    {
        var call = context->Call;
        if (context->Rehearsal == 0)
        {
            for (long signal = 1; signal <= SignalCount; signal++)
                call((long)SystemCall.RtSigaction, signal, (long)context->DefaultAction, 0, SignalSetSize, 0, 0);
            call((long)SystemCall.RtSigprocmask, SIG_SETMASK, (long)context->DefaultAction, 0, SignalSetSize, 0, 0);
        }

        var arguments = context->Arguments;
        var report = context->Report;
        for (long index = 0; index < context->Count; index++)
        {
            var operation = context->Operations + index;
            report->Current = index;
            for (var i = 0; i < Operation.ArgumentCount; i++)
            {
                var slot = (operation->SlotArguments >> (4 * i)) & 15;
                arguments[i] = slot == 0 ? operation->Arguments[i] : context->Slots[slot - 1];
            }

            long result;
            if (operation->Number == Operation.Compare)
                result = (*(long*)arguments[0] & arguments[1]) == arguments[2] ? 0 : -arguments[3];
            else
                result = call(operation->Number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);

            if (result is >= LowestError and < 0)
            {
                var tolerated = false;
                for (var i = 0; i < Operation.ToleratedCount; i++)
                    tolerated |= operation->Tolerated[i] == -result || operation->Tolerated[i] == Operation.AnyError;
                if (!tolerated)
                {
                    report->Error = -result;
                    break;
                }
                index += operation->SkipOnTolerated;
                continue;
            }
            if (operation->HandsOver != 0 && result > 0)
                break;
            if (operation->ResultSlot != 0)
                context->Slots[operation->ResultSlot - 1] = result;
            index += operation->SkipOnSuccess;
        }

        if (context->Rehearsal != 0)
            return;
        while (true)
            call((long)SystemCall.Exit, report->Error == ENOENT ? 127 : 126, 0, 0, 0, 0, 0);
    }
}
