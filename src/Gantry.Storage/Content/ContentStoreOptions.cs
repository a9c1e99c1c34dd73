namespace Gantry.Storage.Content;

/// <summary>What the owner of a content store decides.</summary>
public sealed record ContentStoreOptions
{
    /// <summary>How long a blob that was written in part stays, counted from its last byte.</summary>
    public TimeSpan KeepPartialBlobs { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Where the time comes from.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
