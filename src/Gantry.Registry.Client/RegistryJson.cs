using System.Text.Json.Serialization;
using Gantry.Registry.Client.Auth;
using Gantry.Registry.Client.Errors;
using Gantry.Registry.Client.Listing;
using Gantry.Registry.Client.Pull;

namespace Gantry.Registry.Client;

/// <summary>JSON of the registry protocol, generated at compile time.</summary>
[JsonSerializable(typeof(ErrorDocument))]
[JsonSerializable(typeof(TokenDocument))]
[JsonSerializable(typeof(TagDocument))]
[JsonSerializable(typeof(CatalogDocument))]
[JsonSerializable(typeof(SearchDocument))]
[JsonSerializable(typeof(ManifestSketch))]
internal sealed partial class RegistryJson : JsonSerializerContext;
