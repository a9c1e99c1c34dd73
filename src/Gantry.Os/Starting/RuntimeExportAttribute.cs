namespace System.Runtime;

/// <summary>
/// Gives the native compiler a name under which the linker finds a method, with the method's own calling convention, C's. The compiler knows
/// the attribute by its name; the framework's is internal to it. <c>UnmanagedCallersOnly</c> would start the runtime at the call.
/// </summary>
/// <param name="entryPoint">The linker's name.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RuntimeExportAttribute(string entryPoint) : Attribute
{
    /// <summary>The linker's name.</summary>
    internal string EntryPoint { get; } = entryPoint;
}
