namespace Gantry.Registry.Client.Errors;

/// <summary>What a request is for.</summary>
internal enum RegistryAction
{
    /// <summary>To fetch a manifest, or to learn what a tag means.</summary>
    FetchManifest,

    /// <summary>To fetch a blob.</summary>
    FetchBlob,

    /// <summary>To upload something.</summary>
    Push,

    /// <summary>To delete something.</summary>
    Delete,

    /// <summary>To list something.</summary>
    List,

    /// <summary>To find out whether credentials are good.</summary>
    Login,
}
