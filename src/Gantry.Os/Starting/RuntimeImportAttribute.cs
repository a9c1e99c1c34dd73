namespace System.Runtime;

/// <summary>
/// Makes the native compiler call a function of C as if it were a method: no transition for the collector before it and no poll after it, so
/// that the caller may run where there is no runtime yet, or in the middle of a collection. The compiler knows the attribute by its name; the
/// framework's is internal to it. A P/Invoke polls even with <c>SuppressGCTransition</c>.
/// </summary>
/// <param name="entryPoint">The linker's name.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RuntimeImportAttribute(string entryPoint) : Attribute
{
    /// <summary>The linker's name.</summary>
    internal string EntryPoint { get; } = entryPoint;
}
