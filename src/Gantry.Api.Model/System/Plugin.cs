namespace Gantry.Api.Model;

/// <summary>A plugin of an engine, as lists show it. Gantry's own engine has none.</summary>
public sealed record Plugin
{
    /// <summary>64 hexadecimal digits.</summary>
    public string Id { get; set => field = value ?? ""; } = "";

    /// <summary>Its name with tag.</summary>
    public string Name { get; set => field = value ?? ""; } = "";

    /// <summary>Whether it runs.</summary>
    public bool Enabled { get; set; }

    /// <summary>Where it was pulled from.</summary>
    public string PluginReference { get; set => field = value ?? ""; } = "";

    /// <summary>What its author says of it.</summary>
    public PluginConfig Config { get; set => field = value ?? new(); } = new();
}

/// <summary>What a plugin's author says of it.</summary>
public sealed record PluginConfig
{
    /// <summary>One line.</summary>
    public string Description { get; set => field = value ?? ""; } = "";
}
