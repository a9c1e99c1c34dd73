using Gantry.Oci.Runtime;
using Gantry.Runtime.Seccomp;

namespace Gantry.Runtime.Tests.Seccomp;

/// <summary>What a profile says about one call, worked out rule by rule, in the plainest way.</summary>
internal static class NaiveSeccomp
{
    internal static uint Evaluate(LinuxSeccomp profile, SeccompArchitecture architecture, uint number, ulong[] arguments)
    {
        var defaultAnswer = SeccompAction.Parse(profile.DefaultAction, profile.DefaultErrnoRet);
        var numbers = architecture.Numbers.Value;
        var rules = (profile.Syscalls ?? []).Where(rule => SeccompAction.Parse(rule.Action, rule.ErrnoRet) != defaultAnswer).ToList();
        var name = numbers.FirstOrDefault(entry => entry.Value == number).Key;

        var own = rules.Where(rule => name is not null && rule.Names!.Contains(name)).ToList();
        if (own.Find(rule => rule.Args is not { Count: > 0 }) is { } unconditional)
            return SeccompAction.Parse(unconditional.Action, unconditional.ErrnoRet);
        foreach (var rule in rules)
        {
            if (own.Contains(rule) && Holds(rule.Args!, arguments, architecture))
                return SeccompAction.Parse(rule.Action, rule.ErrnoRet);
            if (architecture.Name == "SCMP_ARCH_X86" && name is "socketcall" or "ipc"
                && rule.Names!.Any(other => MultiplexedCall.Find(other) is { } call && call.Through == name && call.Selector == (uint)arguments[0]))
                return SeccompAction.Parse(rule.Action, rule.ErrnoRet);
        }
        var named = (profile.Syscalls ?? []).SelectMany(rule => rule.Names!).Where(numbers.ContainsKey).Select(known => numbers[known]).ToList();
        var unknown = named.Count > 0 && number > named.Max() && SeccompAction.HidesNewCalls(defaultAnswer);
        return unknown ? SeccompAction.NotImplemented : defaultAnswer;
    }

    private static bool Holds(IReadOnlyList<SeccompCondition> conditions, ulong[] arguments, SeccompArchitecture architecture)
    {
        bool One(SeccompCondition condition)
        {
            var mask = architecture.Words == 1 ? uint.MaxValue : ulong.MaxValue;
            var argument = arguments[condition.Index] & mask;
            var value = condition.Value & mask;
            return condition.Op switch
            {
                "SCMP_CMP_EQ" => argument == value,
                "SCMP_CMP_NE" => argument != value,
                "SCMP_CMP_LT" => argument < value,
                "SCMP_CMP_LE" => argument <= value,
                "SCMP_CMP_GT" => argument > value,
                "SCMP_CMP_GE" => argument >= value,
                "SCMP_CMP_MASKED_EQ" => (argument & value) == (condition.ValueTwo & value),
                _ => throw new InvalidOperationException(condition.Op),
            };
        }
        var repeated = conditions.Select(condition => condition.Index).Distinct().Count() != conditions.Count;
        return repeated ? conditions.Any(One) : conditions.All(One);
    }
}
