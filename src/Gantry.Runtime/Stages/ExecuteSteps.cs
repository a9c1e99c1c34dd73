using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os;
using Gantry.Os.Processes;

namespace Gantry.Runtime.Stages;

/// <summary>The end of every program: execve.</summary>
internal static class ExecuteSteps
{
    private const long AT_FDCWD = -100, AT_EACCESS = 0x200, X_OK = 1;

    /// <summary>Fails early, with the error execve would give, when none of the candidates can be executed.</summary>
    internal static void Probe(ProcessProgramBuilder builder, string stage, IReadOnlyList<string> candidates)
    {
        var found = builder.NewLabel();
        for (var i = 0; i < candidates.Count; i++)
        {
            var probe = builder.Call(stage, SystemCall.Faccessat2, AT_FDCWD, builder.Text(candidates[i]), X_OK, AT_EACCESS).OnSuccess(found);
            if (candidates.Count > 1)
                probe.Tolerate(Errno.ENOENT, Errno.EACCES, Errno.ENOTDIR, Errno.ELOOP, Errno.ENAMETOOLONG);
        }
        if (candidates.Count != 1)
            builder.Fail(stage, Errno.ENOENT);
        builder.Place(found);
    }

    /// <summary>
    /// Executes the first candidate that can be. With several of them, files that are missing or not executable are passed over, and
    /// when none is left that counts as missing: what docker calls "executable file not found in $PATH".
    /// </summary>
    internal static void Execute(ProcessProgramBuilder builder, string stage, IReadOnlyList<string> candidates, IReadOnlyList<string> arguments,
        IReadOnlyList<string> environment)
    {
        var vector = builder.Vector(arguments);
        var variables = builder.Vector(environment);
        foreach (var candidate in candidates)
        {
            var execute = builder.Call(stage, SystemCall.Execve, builder.Text(candidate), vector, variables);
            if (candidates.Count > 1)
                execute.Tolerate(Errno.ENOENT, Errno.EACCES, Errno.ENOTDIR, Errno.ELOOP, Errno.ENAMETOOLONG);
        }
        if (candidates.Count != 1)
            builder.Fail(stage, Errno.ENOENT);
    }

    /// <summary>Where the file may be: the name itself when it has a slash, else beneath each folder of PATH.</summary>
    internal static IReadOnlyList<string> Candidates(ProcessSpec process)
    {
        var name = Arguments(process)[0];
        if (name.Contains('/', StringComparison.Ordinal))
            return [name];
        var path = (process.Env ?? []).LastOrDefault(entry => entry.StartsWith("PATH=", StringComparison.Ordinal))?[5..] ?? "";
        var candidates = path.Split(':', StringSplitOptions.RemoveEmptyEntries).Select(folder => $"{folder.TrimEnd('/')}/{name}").Distinct().ToList();
        return name.Length == 0 ? [] : candidates;
    }

    /// <summary>The argument vector.</summary>
    /// <exception cref="GantryException">It is empty.</exception>
    internal static IReadOnlyList<string> Arguments(ProcessSpec process) =>
        process.Args is { Count: > 0 } arguments ? arguments : throw GantryException.Invalid("process.args must not be empty");

    /// <summary>The environment, without earlier values of the same name, and with HOME, which programs rely on.</summary>
    /// <param name="process">Whose environment.</param>
    /// <param name="findHome">Looks up the home folder of the user in the container; called only when it is needed.</param>
    internal static IReadOnlyList<string> Environment(ProcessSpec process, Func<uint, string> findHome)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        var result = new List<string>();
        foreach (var entry in process.Env ?? [])
        {
            var equals = entry.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw GantryException.Invalid($"invalid environment variable: {(equals < 0 ? "missing '='" : "name cannot be empty")}");
            var name = entry[..equals];
            if (places.TryGetValue(name, out var place))
                result[place] = entry;
            else
                places[name] = Add(entry);
        }
        if (!places.TryGetValue("HOME", out var home) || result[home] == "HOME=")
        {
            var value = "HOME=" + findHome(process.User?.Uid ?? 0);
            if (places.ContainsKey("HOME"))
                result[home] = value;
            else
                Add(value);
        }
        return result;

        int Add(string entry)
        {
            result.Add(entry);
            return result.Count - 1;
        }
    }
}
