using Gantry.Oci;

namespace Gantry.Registry.Client.Hosts;

/// <summary>
/// docker's <c>certs.d/host[:port]</c>: <c>*.crt</c> are authorities, <c>*.cert</c> with <c>*.key</c> of the same name client certificates.
/// </summary>
internal static class CertificateFolder
{
    /// <exception cref="GantryException">A certificate lacks its key, or a key its certificate.</exception>
    internal static EndpointTls Read(string folder)
    {
        var authorities = new List<string>();
        var clients = new List<ClientCertificateFiles>();
        foreach (var file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            switch (Path.GetExtension(file))
            {
                case ".crt":
                    authorities.Add(file);
                    break;
                case ".cert":
                    var key = Path.ChangeExtension(file, ".key");
                    if (!File.Exists(key))
                    {
                        throw GantryException.Invalid(
                            $"missing key {Path.GetFileName(key)} for client certificate {Path.GetFileName(file)}. CA certificates must use the extension .crt");
                    }
                    clients.Add(new ClientCertificateFiles(file, key));
                    break;
                case ".key" when !File.Exists(Path.ChangeExtension(file, ".cert")):
                    throw GantryException.Invalid(
                        $"missing client certificate {Path.GetFileName(Path.ChangeExtension(file, ".cert"))} for key {Path.GetFileName(file)}");
            }
        }
        return new EndpointTls { AuthorityFiles = authorities, ClientCertificates = clients };
    }
}
