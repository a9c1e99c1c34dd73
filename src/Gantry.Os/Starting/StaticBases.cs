using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gantry.Os.Starting;

/// <summary>
/// Allocates the objects that hold the static fields of the program's types: one for each type that has any of them, in gantry 7,100, all made before
/// <c>Main</c>. The collector's heap for pinned objects finds a place for each by a search of its own, in all a sixth of the time of a short
/// command. Here one place is searched for, and divided.
/// </summary>
/// <remarks>
/// <para>
/// What the collector relies on holds at every moment: a heap is a row of objects, each of which tells its size by its type, with no gap. The
/// place begins as one object of a type made here that has no fields; each allocation makes an object of its beginning and moves that object's
/// beginning up. What remains in the end is an object that nothing refers to, which the first full collection makes free memory of.
/// </para>
/// <para>
/// Linked in by <c>--wrap=RhAllocateNewObject</c>: where a runtime has no such function, nothing happens. No other thread runs managed code before
/// <c>Main</c>, which says <see cref="Complete"/> first of all; and there is no collection, as nothing else is allocated. Source: the runtime's
/// <c>StartupCodeHelpers.InitializeStatics</c> and <c>RhAllocateNewObject</c>, <c>MethodTable.h</c>.
/// </para>
/// </remarks>
public static unsafe class StaticBases
{
    /// <summary>Bytes; gantry needs half. What is not touched is an address only.</summary>
    private const uint PlaceSize = 512 * 1024;

    /// <summary>Bytes of an object without fields: its header, its type, and what a free object needs for its length.</summary>
    private const uint SmallestObject = 24;

    private const uint GC_ALLOC_PINNED_OBJECT_HEAP = 64;

    private static RemainderType s_remainderType;
    private static byte* s_remainder;
    private static bool s_isComplete;

    /// <summary>From here on each object is allocated as the runtime does it.</summary>
    public static void Complete() => s_isComplete = true;

    [RuntimeExport("__wrap_RhAllocateNewObject")]
    private static void Allocate(RemainderType* type, uint flags, void** result)
    {
        var size = (type->BaseSize + 7) & ~7u;
        if (s_isComplete || flags != GC_ALLOC_PINNED_OBJECT_HEAP || !HasRoom(size))
        {
            __real_RhAllocateNewObject(type, flags, result);
            return;
        }
        var place = s_remainder;
        s_remainder += size;
        s_remainderType.BaseSize -= size;
        fixed (RemainderType* remainder = &s_remainderType)
            *(RemainderType**)s_remainder = remainder;
        *(RemainderType**)place = type;
        *result = place;
    }

    private static bool HasRoom(uint size)
    {
        if (s_remainder == null)
        {
            s_remainderType.BaseSize = PlaceSize;
            void* place = null;
            fixed (RemainderType* remainder = &s_remainderType)
                __real_RhAllocateNewObject(remainder, GC_ALLOC_PINNED_OBJECT_HEAP, &place);
            s_remainder = (byte*)place;
            s_isComplete = place == null;
        }
        return !s_isComplete && size + SmallestObject <= s_remainderType.BaseSize;
    }

    /// <summary>The beginning of the runtime's <c>MethodTable</c>; zeros say: no array, no references, no finalizer, no interfaces.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct RemainderType
    {
        public uint Flags;
        public uint BaseSize;
        public nint RelatedType;
        public ushort VirtualMethods, Interfaces;
        public uint HashCode;
        public nint Reserved1, Reserved2;
    }

    /// <summary>The runtime's own.</summary>
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("__real_RhAllocateNewObject")]
    private static extern void __real_RhAllocateNewObject(RemainderType* type, uint flags, void** result);
}
