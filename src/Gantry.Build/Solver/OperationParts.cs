using Gantry.Build.Cache;
using Gantry.Build.Graph;

namespace Gantry.Build.Solver;

/// <summary>
/// What an operation says, in parts that a person knows: it tells later which of them changed. Values are digests, as arguments may be confidential.
/// </summary>
internal static class OperationParts
{
    /// <summary>The parts of an operation, without its inputs.</summary>
    public static IEnumerable<KeyPart> Of(Operation operation) =>
        operation is ExecOperation exec ? OfExec(exec) : [new KeyPart("the instruction", operation.ComputeDigest().ToString())];

    private static IEnumerable<KeyPart> OfExec(ExecOperation exec)
    {
        yield return Part("the command", hasher =>
        {
            hasher.Add(exec.Arguments);
            foreach (var (path, content) in exec.Scripts)
                hasher.Add(path).Add(content);
        });
        foreach (var variable in exec.Environment)
        {
            var equals = variable.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? variable : variable[..equals];
            yield return Part($"the variable {name}", hasher => hasher.Add(variable));
        }
        yield return Part("the working directory", hasher => hasher.Add(exec.WorkingDirectory));
        yield return Part("the user", hasher => hasher.Add(exec.User));
        yield return Part("the platform", hasher => hasher.Add(exec.Platform.ToString()));
        yield return Part("the mounts", hasher =>
        {
            foreach (var mount in exec.Mounts)
                mount.Describe(hasher);
        });
        yield return Part("network, security, hosts or limits", hasher => hasher
            .Add((long)exec.Network).Add(exec.Insecure).Add(exec.HostName).Add(exec.ExtraHosts).Add(exec.Ulimits).Add(exec.ShmSize).Add(exec.HasReadOnlyRoot)
                .Add(exec.DropsRoot));
    }

    private static KeyPart Part(string what, Action<OperationHasher> describe)
    {
        using var hasher = new OperationHasher();
        describe(hasher);
        return new KeyPart(what, hasher.Finish().Hex[..16]);
    }
}
