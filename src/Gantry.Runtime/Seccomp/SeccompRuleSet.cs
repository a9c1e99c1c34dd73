using Gantry.Oci;
using Gantry.Oci.Runtime;

namespace Gantry.Runtime.Seccomp;

/// <summary>How one system call is answered: by the first clause whose conditions all hold, or else by <paramref name="Otherwise"/>.</summary>
internal sealed record SyscallVerdict(IReadOnlyList<SeccompClause> Clauses, uint Otherwise)
{
    internal bool IsConstant => Clauses.Count == 0;
}

/// <summary>Conditions on the arguments, and the answer when all of them hold.</summary>
internal sealed record SeccompClause(IReadOnlyList<SeccompCondition> Conditions, uint Answer);

/// <summary>The rules of a filter for one architecture, by the number of the system call.</summary>
internal sealed class SeccompRuleSet
{
    private readonly Dictionary<uint, SyscallVerdict> _verdicts = new(512);

    /// <summary>The calls that have an answer of their own, in the order of their numbers.</summary>
    internal IEnumerable<KeyValuePair<uint, SyscallVerdict>> Verdicts => _verdicts.OrderBy(entry => entry.Key);

    /// <summary>The highest number that a rule names, even one that has no effect: what is above it the profile did not know of.</summary>
    internal uint? Newest { get; private set; }

    /// <summary>
    /// Combines the rules as libseccomp and runc do: a rule that equals the default action has no effect, one without conditions
    /// takes precedence over those with, the first of two without stands, and names that the architecture does not have are passed over.
    /// </summary>
    /// <exception cref="GantryException">A rule is not valid.</exception>
    internal static SeccompRuleSet Build(LinuxSeccomp profile, uint defaultAnswer, SeccompArchitecture architecture)
    {
        var set = new SeccompRuleSet();
        var numbers = architecture.Numbers.Value;
        foreach (var rule in profile.Syscalls ?? [])
        {
            var answer = SeccompAction.Parse(rule.Action, rule.ErrnoRet);
            var clauses = SplitConditions(rule, answer);
            var unconditional = new SyscallVerdict([], answer);
            foreach (var name in rule.Names ?? [])
            {
                if (numbers.TryGetValue(name, out var number))
                    set.Add(number, clauses, unconditional, defaultAnswer);
                if (architecture.AuditArch == SeccompArchitecture.AuditArchX86 && MultiplexedCall.Find(name) is { } multiplexed)
                    set.Add(numbers[multiplexed.Through], [new SeccompClause([multiplexed.Condition], answer)], unconditional, defaultAnswer);
            }
        }
        return set;
    }

    private void Add(uint number, IReadOnlyList<SeccompClause> clauses, SyscallVerdict unconditional, uint defaultAnswer)
    {
        Newest = Math.Max(Newest ?? 0, number);
        if (unconditional.Otherwise == defaultAnswer)
            return;
        _verdicts.TryGetValue(number, out var earlier);
        if (earlier is { IsConstant: true })
            return;
        _verdicts[number] = clauses.Count == 0
            ? unconditional
            : new SyscallVerdict([.. earlier?.Clauses ?? [], .. clauses], defaultAnswer);
    }

    /// <summary>
    /// All conditions of a rule have to hold, unless two are about the same argument: then each is a clause of its own. That is what
    /// old profiles rely on, and what runc keeps.
    /// </summary>
    private static IReadOnlyList<SeccompClause> SplitConditions(SeccompRule rule, uint answer)
    {
        var conditions = rule.Args ?? [];
        foreach (var condition in conditions)
            if (condition.Index > 5)
                throw GantryException.Invalid($"seccomp: a system call has no argument {condition.Index} ({string.Join(", ", rule.Names ?? [])})");
        if (conditions.Count == 0)
            return [];
        var alternatives = conditions.DistinctBy(condition => condition.Index).Count() < conditions.Count;
        return alternatives
            ? [.. conditions.Select(condition => new SeccompClause([condition], answer))]
            : [new SeccompClause(conditions, answer)];
    }
}
