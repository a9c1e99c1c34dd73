using Gantry.Runtime.Cli;
using Gantry.Runtime.Cli.Keeper;

// The keeper is a program of its own that shares this binary; everything else is the OCI runtime's command line.
return args is ["keeper", ..] ? KeeperCommand.Run(args.AsSpan(1)) : RuntimeCommandLine.Run(args);
