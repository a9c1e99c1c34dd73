using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Oci;

namespace Gantry.Api.Policies;

/// <summary>A container as policies see it.</summary>
/// <param name="Id">Its ID.</param>
/// <param name="Labels">Its labels.</param>
public sealed record PolicySubject(string Id, IReadOnlyDictionary<string, string> Labels);

/// <summary>
/// What may be done through a socket, so that a tool that only looks, or serves one project, need not have the whole engine, which is as much as root.
/// Whatever a policy does not allow is refused with 403, and what a policy does not know is not allowed.
/// </summary>
public sealed class SocketPolicy
{
    private const string ProjectLabel = "com.docker.compose.project";

    /// <summary>Operations that read with a method that is not GET, or act with one that is.</summary>
    private static readonly string[] s_readingPosts = ["container.wait"];
    private static readonly string[] s_actingGets = ["container.attach"];

    /// <summary>What makes a connection and is needed by every client.</summary>
    private static readonly string[] s_always = ["system.ping", "system.version"];

    /// <summary>
    /// What a project's tool may do with its containers. Not exec, as that can be privileged; and nothing may be created, as that can mount the host.
    /// </summary>
    private static readonly string[] s_ofProject =
    [
        "container.inspect", "container.logs", "container.top", "container.stats", "container.changes", "container.start", "container.stop",
        "container.restart", "container.kill", "container.pause", "container.unpause", "container.wait", "container.attach", "container.resize",
        "container.copy-from", "container.copy-to",
    ];

    private static readonly string[] s_listsOfProject = ["container.list", "system.events"];

    private readonly string _text;
    private readonly string? _project;
    private readonly HashSet<string>? _verbs;

    private SocketPolicy(string text, string? project, HashSet<string>? verbs)
    {
        _text = text;
        _project = project;
        _verbs = verbs;
    }

    /// <summary>
    /// Reads <c>read-only</c>, <c>project:NAME</c>, or <c>verbs:OBJECT.ACTION[+OBJECT.ACTION...]</c> such as
    /// <c>verbs:container.list+container.restart</c>.
    /// </summary>
    /// <exception cref="GantryException">Another form (400).</exception>
    public static SocketPolicy Parse(string text)
    {
        if (text == "read-only") return new SocketPolicy(text, null, null);
        if (text.StartsWith("project:", StringComparison.Ordinal) && text["project:".Length..] is { Length: > 0 } project) return new SocketPolicy(
            text, project, null);
        if (text.StartsWith("verbs:", StringComparison.Ordinal) && text["verbs:".Length..].Split('+') is var verbs
            && verbs.All(verb => verb.Split('.') is [{ Length: > 0 }, { Length: > 0 }]))
            return new SocketPolicy(text, null, [.. verbs]);
        throw GantryException.Invalid($"socket policy \"{text}\": neither read-only nor project:NAME nor verbs:OBJECT.ACTION+...");
    }

    /// <inheritdoc/>
    public override string ToString() => _text;

    /// <summary>Refuses verbs that no route has: a misspelt one would silently allow less than was meant.</summary>
    /// <exception cref="GantryException">There is one (400).</exception>
    internal void CheckKnown(IReadOnlySet<string> known)
    {
        if (_verbs?.FirstOrDefault(verb => !known.Contains(verb)) is { } unknown)
            throw GantryException.Invalid($"socket policy \"{_text}\": there is no operation \"{unknown}\"");
    }

    /// <summary>Refuses what is not allowed. With a project, lists are narrowed to it, and the container is pinned to the one that was looked at.</summary>
    /// <exception cref="GantryException">It is not allowed (Forbidden), or the container is not of the project (NotFound).</exception>
    internal void Check(Route route, ApiCall call, Func<string, PolicySubject> find)
    {
        if (s_always.Contains(route.Verb) || (_project is null && Allows(route))) return;
        if (_project is not null && s_listsOfProject.Contains(route.Verb))
        {
            call.RequiredLabel = $"{ProjectLabel}={_project}";
            return;
        }
        if (_project is null || !s_ofProject.Contains(route.Verb))
            throw new GantryException(ErrorKind.Forbidden, $"this socket does not allow {route.Verb}: its policy is {_text}");
        var asked = call.Path("id");
        var subject = find(asked);
        if (subject.Labels.GetValueOrDefault(ProjectLabel) != _project) throw GantryException.NotFound($"No such container: {asked}");
        call.Pin("id", subject.Id);
    }

    private bool Allows(Route route) => _verbs is not null
        ? _verbs.Contains(route.Verb)
        : s_readingPosts.Contains(route.Verb) || (route.Method is "GET" or "HEAD" && !s_actingGets.Contains(route.Verb));
}
