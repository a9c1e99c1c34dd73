using System.Collections.Concurrent;

namespace Gantry.Registry.Client.Auth;

/// <summary>Tokens that are still good, by where they came from, for whom, and what they allow.</summary>
internal sealed class TokenCache(TimeProvider time)
{
    private readonly ConcurrentDictionary<Key, BearerToken> _tokens = new();

    /// <param name="Realm">The token service.</param>
    /// <param name="Service">The registry's name there.</param>
    /// <param name="Credentials">Who asked, secrets included: another password is another user.</param>
    /// <param name="Scopes">What it allows, in <see cref="TokenScopes.Merge"/>'s order.</param>
    internal sealed record Key(string? Realm, string? Service, RegistryCredentials Credentials, string Scopes);

    internal BearerToken? Find(Key key) => _tokens.TryGetValue(key, out var token) && token.ExpiresAt > time.GetUtcNow() ? token : null;

    internal void Add(Key key, BearerToken token)
    {
        foreach (var (other, old) in _tokens)
        {
            if (old.ExpiresAt <= time.GetUtcNow())
                _tokens.TryRemove(other, out _);
        }
        _tokens[key] = token;
    }

    /// <summary>Forgets a token that the registry did not take; a newer one stays.</summary>
    internal void Reject(Key key, string value)
    {
        if (_tokens.TryGetValue(key, out var token) && token.Value == value)
            _tokens.TryRemove(KeyValuePair.Create(key, token));
    }
}
