export default function RegistrarPage() {
  return null;
}
