namespace Gantry.Registry.Client.Push;

/// <summary>Opens a blob that is to be uploaded, from an offset on; asked again whenever something has to be sent again.</summary>
/// <param name="offset">How many bytes to leave out.</param>
/// <param name="cancellation">Ends the call.</param>
public delegate ValueTask<Stream> BlobSource(long offset, CancellationToken cancellation);
