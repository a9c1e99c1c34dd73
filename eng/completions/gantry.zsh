#compdef gantry
# Completion of gantry for zsh: commands, names of containers and images.
local -a commands containers images
if ((CURRENT == 2)); then
  commands=(attach commit compose cp create daemon diff events exec export history images import info inspect kill load login logout logs manifest pause ps pull push rename restart rm rmi run save search start stats stop tag top unpause update version wait container image network system volume)
  compadd -a commands
  return
fi
case $words[2] in
  attach|exec|kill|logs|pause|rename|restart|rm|start|stop|top|unpause|wait|inspect)
    containers=(${(f)"$(gantry ps -a --format '{{.Names}}' 2>/dev/null)"})
    compadd -a containers ;;
  compose)
    compadd attach build commit config cp create down events exec export graph images kill logs ls pause port ps pull push restart rm run scale start stats stop top unpause up version volumes wait watch ;;
  run|create|history|rmi|save|tag)
    images=(${(f)"$(gantry images --format '{{.Repository}}:{{.Tag}}' 2>/dev/null)"})
    compadd -a images ;;
  *) _files ;;
esac
