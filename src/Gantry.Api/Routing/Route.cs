using Gantry.Api.Requests;

namespace Gantry.Api.Routing;

/// <summary>What answers a request.</summary>
public delegate Task ApiHandler(ApiCall call);

/// <summary>
/// A method and a path template, such as `/containers/{id}/json`. A parameter takes one segment; `{name...}` takes one or more, as the
/// names of images contain slashes.
/// </summary>
internal sealed class Route
{
    private readonly string[] _segments;
    private readonly int _greedy;

    public Route(string method, string template, ApiHandler handler)
    {
        Method = method;
        Handler = handler;
        _segments = template.Split('/', StringSplitOptions.RemoveEmptyEntries);
        Verb = RouteVerb.Of(method, _segments);
        _greedy = Array.FindIndex(_segments, segment => segment.EndsWith("...}", StringComparison.Ordinal));
    }

    public string Method { get; }

    public ApiHandler Handler { get; }

    /// <summary>What it is called in the policies of sockets.</summary>
    public string Verb { get; }

    /// <summary>First segment of the template, always literal: routes are looked up by it.</summary>
    public string Group => _segments[0];

    /// <summary>Whether the path fits; the values of parameters are added in order of the template.</summary>
    public bool Matches(ReadOnlySpan<string> path, List<KeyValuePair<string, string>> values)
    {
        values.Clear();
        var extra = path.Length - _segments.Length;
        if (extra < 0 || (extra > 0 && _greedy < 0)) return false;
        for (int own = 0, given = 0; own < _segments.Length; own++)
        {
            var segment = _segments[own];
            var width = own == _greedy ? extra + 1 : 1;
            if (!IsParameter(segment))
            {
                if (segment != path[given]) return false;
            }
            else
            {
                var value = width == 1 ? path[given] : string.Join('/', path.Slice(given, width)!);
                if (value.Length == 0) return false;
                values.Add(new(NameOf(segment), value));
            }
            given += width;
        }
        return true;
    }

    private static bool IsParameter(string segment) => segment[0] == '{';

    private static string NameOf(string segment) => segment.Trim('{', '}', '.');
}
