using System.Net.Http.Headers;
using System.Text;

namespace Gantry.Registry.Client.Auth;

/// <summary>What a registry wants to see, from <c>WWW-Authenticate</c> (RFC 9110, 11.6.1; distribution's token specification).</summary>
/// <param name="Scheme"><c>bearer</c> or <c>basic</c>.</param>
/// <param name="Parameters">Realm, service, scope, error ...</param>
internal sealed record AuthChallenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    internal string? Realm => Parameters.GetValueOrDefault("realm");

    internal string? Service => Parameters.GetValueOrDefault("service");

    internal IEnumerable<string> Scopes => (Parameters.GetValueOrDefault("scope") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The first challenge that can be met; a token is preferred to a password. Null when there is none.</summary>
    internal static AuthChallenge? Choose(HttpResponseHeaders headers)
    {
        var challenges = headers.WwwAuthenticate
            .Select(value => new AuthChallenge(value.Scheme.ToLowerInvariant(), ReadParameters(value.Parameter ?? ""))).ToList();
        return challenges.Find(challenge => challenge.Scheme == "bearer" && challenge.Realm is not null)
            ?? challenges.Find(challenge => challenge.Scheme == "basic");
    }

    /// <summary>Reads <c>name=token, name="quoted \"text\""</c>; what is malformed ends the list.</summary>
    internal static IReadOnlyDictionary<string, string> ReadParameters(string text)
    {
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var at = 0;
        while (at < text.Length)
        {
            var equals = text.IndexOf('=', at);
            if (equals < 0)
                break;
            var name = text[at..equals].Trim(' ', '\t', ',');
            var value = new StringBuilder();
            at = equals + 1;
            while (at < text.Length && text[at] is (' ' or '\t'))
                at++;
            if (at < text.Length && text[at] == '"')
                at = ReadQuoted(text, at + 1, value);
            else
                while (at < text.Length && text[at] is not (',' or ' '))
                    value.Append(text[at++]);
            parameters.TryAdd(name, value.ToString());
        }
        return parameters;
    }

    private static int ReadQuoted(string text, int at, StringBuilder value)
    {
        while (at < text.Length && text[at] != '"')
        {
            if (text[at] == '\\' && at + 1 < text.Length)
                at++;
            value.Append(text[at++]);
        }
        return at + 1;
    }
}
